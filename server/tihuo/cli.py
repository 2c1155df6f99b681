"""The `tihuo` command, for the host (spec O)."""

import asyncio
import os
import secrets
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, NoReturn

import click
import orjson
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from tihuo import app as apps
from tihuo import demo as demos
from tihuo import log
from tihuo.audit.service import Actor
from tihuo.db import Session, engine, migrate
from tihuo.db.unit_of_work import UnitOfWork
from tihuo.errors import AppError
from tihuo.merchants import service as merchants
from tihuo.merchants.schemas import MerchantIn
from tihuo.settings import ROOT, Settings
from tihuo.staff import service as staff
from tihuo.staff.schemas import StaffNew
from tihuo.vault import KeyRing, KeysMissing
from tihuo.web.validation import parse

HOST = Actor(None, "主机管理员", "command line")


def _fail(message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(1)


def _settings() -> Settings:
    try:
        settings = Settings()
    except ValidationError as error:
        _fail("\n".join(f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in error.errors()))
    level = settings.log_level or ("info" if settings.env == "production" else "warning")
    log.configure(json=settings.env == "production", level=level)
    return settings


def _run(work: Coroutine[Any, Any, None]) -> None:
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


def _serve(settings: Settings, *, web: bool, work: bool) -> None:
    try:
        _run(apps.serve(settings, web=web, work=work))
    except KeysMissing as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"can't listen on {settings.host}:{settings.port}: {error}")


@click.group()
@click.option("--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="a TOML file")
def main(config: Path | None) -> None:
    """Tihuo (提货): redemption of gift cards. Settings: a TOML file and TIHUO_* variables."""
    if config is not None:
        os.environ["TIHUO_CONFIG"] = str(config)


@main.command()
def run() -> None:
    """Serve web and worker in one process; brings the database up to date first."""
    settings = _settings()
    _prepare(settings)
    _serve(settings, web=True, work=True)


@main.command()
def web() -> None:
    """Serve HTTP; run as many of these as you like."""
    _serve(_settings(), web=True, work=False)


@main.command()
def worker() -> None:
    """Do the work that no request waits for; at least one must run."""
    _serve(_settings(), web=False, work=True)


@main.command("migrate")
def migrate_database() -> None:
    """Bring the database's tables up to date."""
    settings = _settings()
    _migrate(settings)
    click.echo(f"database is at revision {migrate.head()}")


def _migrate(settings: Settings) -> None:
    try:
        migrate.upgrade(settings.database)
    except OperationalError as error:
        _fail(f"the database can't be reached: {error.orig}")


def _prepare(settings: Settings) -> None:
    if settings.env != "production" and not settings.keys_path.exists():
        KeyRing.create(settings.keys_path)
    _migrate(settings)


@main.group()
def keys() -> None:
    """The master keys, kept outside the database."""


@keys.command("init")
def keys_init() -> None:
    """Make the file of master keys, once. Back it up: without it no card can be redeemed."""
    settings = _settings()
    try:
        KeyRing.create(settings.keys_path)
    except FileExistsError:
        _fail(f"{settings.keys_path} exists already; it was left as it is")
    click.echo(f"wrote {settings.keys_path}; keep a copy apart from the database's backups")


@main.group()
def merchant() -> None:
    """Merchants."""


@merchant.command("create")
@click.option("--slug", required=True, help="short name in the storefront's address: a-z 0-9 -")
@click.option("--name", required=True, help="the merchant's name")
@click.option("--account", required=True, help="the owner's sign-in name: letters and digits")
@click.option("--owner-name", default="店主", show_default=True)
@click.option("--mobile", required=True, help="the owner's mobile")
@click.option("--password", envvar="TIHUO_OWNER_PASSWORD", help="else one is made up and printed")
def merchant_create(slug: str, name: str, account: str, owner_name: str, mobile: str, password: str | None) -> None:
    """Create a merchant and its owner."""
    settings = _settings()
    made_up = password or "A1" + secrets.token_urlsafe(9)

    async def create() -> None:
        unit_of_work = UnitOfWork(engine.create(settings.database, 1))

        async def work(session: Session) -> None:
            body = parse(MerchantIn, {"slug": slug, "name": name})
            merchant_id = await merchants.create(session, body, settings.timezone, HOST)
            owner = {"account": account, "name": owner_name, "mobile": mobile, "password": made_up}
            await staff.create(session, merchant_id, parse(StaffNew, owner), HOST, is_owner=True)

        try:
            await unit_of_work.run(work)
        finally:
            await unit_of_work.close()

    try:
        asyncio.run(create())
    except AppError as error:
        _fail(error.text)
    except OperationalError as error:
        _fail(f"the database is not ready ({error.orig}); run: tihuo migrate")
    click.echo(f"storefront  {merchants.storefront_url(settings.origin, slug)}")
    click.echo(f"admin       {settings.origin}/admin/")
    click.echo(f"account     {account}")
    if password is None:
        click.echo(f"password    {made_up}")


@main.command()
def demo() -> None:
    """Set up the demo merchant; prints addresses, sign-in and three redeemable cards."""
    settings = _settings()
    if settings.env == "production":
        _fail("the demo is for TIHUO_ENV=demo or test")
    _prepare(settings)
    try:
        found = asyncio.run(demos.prepare(settings))
    except KeysMissing as error:
        _fail(str(error))
    click.echo(f"提货前台  {found['storefront']}")
    click.echo(f"商家后台  {found['admin']}")
    click.echo(f"登录      {found['staff']['account']} / {found['staff']['password']}")
    for card in found["cards"]:
        click.echo(f"卡券      {card['number']}  密码 {card['password']}")


@main.command()
def check() -> None:
    """Check the configuration: settings, keys, database, Redis."""
    settings = _settings()

    async def look() -> list[str]:
        app = apps.build(settings)
        findings = []
        for name, probe in app.context.readiness.items():
            try:
                await probe()
            except Exception as error:
                findings.append(f"{name}: {error}")
        await app.close()
        return findings

    try:
        findings = asyncio.run(look())
    except KeysMissing as error:
        findings = [str(error)]
    if findings:
        _fail("\n".join(findings))
    click.echo(f"ready; {settings.database.split('://')[0]}, {'Redis' if settings.redis_url else 'no Redis'}")


@main.command()
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), default=ROOT / "server" / "openapi")
def openapi(folder: Path) -> None:
    """Write the OpenAPI documents."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, write in apps.DOCUMENTS.items():
        content = orjson.dumps(write(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        (folder / name).write_bytes(content + b"\n")


if __name__ == "__main__":
    main()
