"""Merchants and what they show to customers."""

import datetime as dt
import html
import io
import secrets
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import qrcode
import qrcode.image.svg

from tihuo.addresses import service as addresses
from tihuo.audit import service as audit
from tihuo.audit.service import Actor
from tihuo.db import Session, now
from tihuo.db.direct import Ask
from tihuo.errors import NotFound, invalid_field
from tihuo.merchants import queries
from tihuo.merchants.errors import StorefrontNotFound
from tihuo.merchants.schemas import (
    MerchantIn,
    PickupIn,
    PickupSettings,
    StorefrontIn,
    StorefrontSettings,
    StorefrontView,
    Texts,
)
from tihuo.storage import url
from tihuo.vault import Owner

DEFAULT_NAME = "提货中心"
DEFAULT_COLOR = "#07C160"
DEFAULT_NOTICE = "提货暂未开放，请稍后再来。"


@dataclass(frozen=True)
class Shop:
    """A merchant with its storefront, as the other rooms need it."""

    id: int
    slug: str
    salt: bytes
    timezone: str
    merchant_name: str
    version: int
    name: str
    logo_key: str | None
    banner_key: str | None
    theme_color: str
    page_color: str
    welcome: str
    announcement: str
    contact_phone: str
    contact_hours: str
    contact_wechat: str
    jump_url: str
    texts: dict[str, str]
    open: bool
    closed_notice: str
    paused: bool
    pause_notice: str
    resumes_on: dt.date | None
    address_correction: bool
    date_correction: bool
    undeliverable: list[str]
    undeliverable_note: str

    @property
    def owner(self) -> Owner:
        """The merchant's part in deriving its keys."""
        return Owner(self.id, self.salt)

    @property
    def redeeming(self) -> bool:
        """Whether customers can redeem now: switched on, and not paused or past the pause's last day."""
        over = self.resumes_on is not None and self.today() >= self.resumes_on
        return self.open and (not self.paused or over)

    @property
    def notice(self) -> str:
        """What customers read while they can't redeem; empty while they can."""
        if self.redeeming:
            return ""
        if not self.open:
            return self.closed_notice or DEFAULT_NOTICE
        until = f"预计 {self.resumes_on.month} 月 {self.resumes_on.day} 日恢复。" if self.resumes_on else ""
        return self.pause_notice or f"提货暂停中，请稍后再来。{until}"

    def today(self) -> dt.date:
        """The day it is at the merchant's."""
        return self.day_of(now())

    def day_of(self, moment: dt.datetime) -> dt.date:
        """The day on which a moment falls at the merchant's."""
        return moment.astimezone(ZoneInfo(self.timezone)).date()

    def day_began(self) -> dt.datetime:
        """When the merchant's today began, in UTC."""
        return dt.datetime.combine(self.today(), dt.time(), ZoneInfo(self.timezone)).astimezone(dt.UTC)


async def create(session: Session, body: MerchantIn, timezone: str, actor: Actor) -> int:
    """Make a merchant with a neutral, closed storefront; answers its id. Raises SlugTaken."""
    merchant: dict[str, Any] = {
        "slug": body.slug,
        "name": body.name,
        "salt": secrets.token_bytes(32),
        "timezone": timezone,
    }
    storefront: dict[str, Any] = {
        "version": 1,
        "name": DEFAULT_NAME,
        "logo_key": None,
        "banner_key": None,
        "theme_color": DEFAULT_COLOR,
        "page_color": "",
        "welcome": "",
        "announcement": "",
        "contact_phone": "",
        "contact_hours": "",
        "contact_wechat": "",
        "jump_url": "",
        "texts": {},
        "open": False,
        "closed_notice": "",
        "paused": False,
        "pause_notice": "",
        "resumes_on": None,
        "address_correction": True,
        "date_correction": True,
        "undeliverable": [],
        "undeliverable_note": "",
    }
    merchant_id = await queries.add(session, merchant, storefront)
    await audit.record(session, merchant_id, actor, "created", "merchants", merchant_id, slug=body.slug)
    return merchant_id


# The shops as they were last read, by short name: not read again while their stamp is the same.
_shops: dict[str, Shop] = {}
_MOST_SHOPS = 10_000


async def by_slug(session: Session, slug: str) -> Shop:
    """The merchant with this short name. Raises StorefrontNotFound."""
    slug = slug.lower()
    known = _shops.get(slug)
    if known is not None:
        stamp = await queries.stamp(session, known.id)
        if stamp is not None and (stamp.slug, stamp.salt, stamp.version) == (slug, known.salt, known.version):
            return known
    row = await queries.shop_by_slug(session, slug)
    if row is None:
        raise StorefrontNotFound()
    if len(_shops) >= _MOST_SHOPS:
        _shops.clear()
    shop = _shops[slug] = Shop(*row)
    return shop


def likely_id(slug: str) -> int | None:
    """The id that `by_slug` will look at first, for asking ahead; None where it has to be looked up."""
    known = _shops.get(slug.lower())
    return known.id if known is not None else None


def ahead(merchant_id: int) -> Ask:
    """What `by_slug` would ask of a merchant that is known."""
    return queries.stamp_ahead(merchant_id)


async def get(session: Session, merchant_id: int) -> Shop:
    """The merchant with this id. Raises NotFound."""
    row = await queries.shop(session, merchant_id)
    if row is None:
        raise NotFound()
    return Shop(*row)


def view(shop: Shop) -> StorefrontView:
    """The storefront as customers' pages need it."""
    return StorefrontView(
        slug=shop.slug,
        name=shop.name,
        logo_url=url(shop.logo_key),
        banner_url=url(shop.banner_key),
        theme_color=shop.theme_color,
        page_color=shop.page_color,
        welcome=shop.welcome,
        announcement=shop.announcement,
        contact_phone=shop.contact_phone,
        contact_hours=shop.contact_hours,
        contact_wechat=shop.contact_wechat,
        jump_url=shop.jump_url,
        texts=Texts(**shop.texts),
        open=shop.redeeming,
        closed_notice=shop.notice,
    )


def head(shop: Shop) -> str:
    """What the storefront's page is given with its first byte: title and storefront, safe inside HTML."""
    content = orjson.dumps(view(shop).model_dump()).decode().replace("<", "\\u003c")
    title = html.escape(shop.name)
    return f'<title>{title}</title><script type="application/json" id="storefront">{content}</script>'


async def change_storefront(session: Session, merchant_id: int, body: StorefrontIn, actor: Actor) -> StorefrontSettings:
    """Save the storefront's settings; what changed is on record."""
    for field in ("logo_key", "banner_key"):
        key = getattr(body, field)
        if key is not None and not key.startswith(f"{merchant_id}/"):
            raise invalid_field(field, "picture_unknown", "图片不存在，请重新上传")
    await _change(session, merchant_id, body.model_dump(), actor)
    return await storefront_settings(session, merchant_id)


async def change_pickup(session: Session, merchant_id: int, body: PickupIn, actor: Actor) -> PickupSettings:
    """Save whether and how customers redeem; what changed is on record. Raises InvalidRequest for an unknown area."""
    addresses.check_areas(body.undeliverable, "undeliverable")
    await _change(session, merchant_id, body.model_dump(), actor)
    return await pickup_settings(session, merchant_id)


async def _change(session: Session, merchant_id: int, values: dict[str, Any], actor: Actor) -> None:
    before = await get(session, merchant_id)
    changed = {name: value for name, value in values.items() if getattr(before, name) != value}
    if changed:
        await queries.change_storefront(session, merchant_id, changed)
        old = {name: getattr(before, name) for name in changed}
        await audit.record(
            session, merchant_id, actor, "changed", "storefronts", merchant_id, before=old, after=changed
        )


async def storefront_settings(session: Session, merchant_id: int) -> StorefrontSettings:
    """How the storefront looks, as it stands."""
    shop = await get(session, merchant_id)
    return StorefrontSettings(
        name=shop.name,
        logo_key=shop.logo_key,
        logo_url=url(shop.logo_key),
        banner_key=shop.banner_key,
        banner_url=url(shop.banner_key),
        theme_color=shop.theme_color,
        page_color=shop.page_color,
        welcome=shop.welcome,
        announcement=shop.announcement,
        contact_phone=shop.contact_phone,
        contact_hours=shop.contact_hours,
        contact_wechat=shop.contact_wechat,
        jump_url=shop.jump_url,
        texts=Texts(**shop.texts),
    )


async def pickup_settings(session: Session, merchant_id: int) -> PickupSettings:
    """Whether and how customers redeem, as it stands."""
    shop = await get(session, merchant_id)
    return PickupSettings(
        open=shop.open,
        closed_notice=shop.closed_notice,
        paused=shop.paused,
        pause_notice=shop.pause_notice,
        resumes_on=shop.resumes_on,
        address_correction=shop.address_correction,
        date_correction=shop.date_correction,
        undeliverable=addresses.areas(shop.undeliverable),
        undeliverable_note=shop.undeliverable_note,
    )


def storefront_url(origin: str, slug: str) -> str:
    """The storefront's address. The prefix /c/ lets one WeChat rule open the mini-program with it."""
    return f"{origin}/c/{slug}"


def card_url(origin: str, slug: str, number: str) -> str:
    """The address printed as a card's QR code; it never holds the password."""
    return f"{storefront_url(origin, slug)}/{number}"


def qr_png(content: str) -> bytes:
    """A QR code with the quiet zone that the standard asks for, for screens."""
    out = io.BytesIO()
    _qr(content).make_image().save(out, "PNG")
    return out.getvalue()


def qr_svg(content: str) -> bytes:
    """A QR code for the printer, sharp at any size."""
    out = io.BytesIO()
    _qr(content).make_image(image_factory=qrcode.image.svg.SvgPathFillImage).save(out)
    return out.getvalue()


def _qr(content: str) -> "qrcode.QRCode[Any]":
    code: qrcode.QRCode[Any] = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=12, border=4)
    code.add_data(content)
    return code
