"""Exporting cards for the printing house (manual: 卡券导出); the only place that shows passwords."""

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from pyroaring import BitMap64

from tihuo.audit import service as audit
from tihuo.audit.service import Actor
from tihuo.cards import models
from tihuo.cards.errors import ExportTooLarge, NothingToExport
from tihuo.cards.queries import changing, exporting
from tihuo.cards.schemas import CardExportIn, CardFilter, ExportColumn
from tihuo.cards.service import showing
from tihuo.cards.service.changing import Runs, freeze
from tihuo.cards.service.redeeming import stored
from tihuo.cards.service.showing import Names
from tihuo.db import Session, now
from tihuo.db.base import AnyRow
from tihuo.db.unit_of_work import UnitOfWork
from tihuo.errors import invalid_field
from tihuo.jobs import queue
from tihuo.jobs.schemas import JobView
from tihuo.merchants import service as merchants
from tihuo.merchants.service import Shop
from tihuo.sheets import Column, Value
from tihuo.vault import CardVault

EXPORT = "export_cards"
LANE = "exports"
MAX_CARDS = 1_000_000
MAX_PICTURES = 100_000
STATUS_WORDS = {"inactive": "未激活", "active": "已激活", "void": "已作废"}

COLUMNS: dict[ExportColumn, Column] = {
    "serial": Column("卡序号", 10, "number"),
    "number": Column("卡号", 20),
    "password": Column("密码", 20),
    "link": Column("提货链接", 48),
    "qr_file": Column("二维码文件", 32),
    "name": Column("卡券名称", 18),
    "products": Column("对应商品", 32),
    "face_value": Column("面值（元）", 12, "number"),
    "valid_from": Column("有效期开始", 14, "date"),
    "valid_until": Column("有效期结束", 14, "date"),
    "status": Column("状态", 10),
    "uses_total": Column("可提次数", 10, "number"),
    "uses_left": Column("剩余次数", 10, "number"),
    "distributor": Column("券商", 18),
    "batch": Column("批次号", 16),
    "remark": Column("备注", 24),
    "made_at": Column("生成时间", 20, "time"),
    "activated_at": Column("激活时间", 20, "time"),
    "redeemed_at": Column("兑换时间", 20, "time"),
}


async def ask_for_export(unit_of_work: UnitOfWork, merchant_id: int, body: CardExportIn, actor: Actor) -> JobView:
    """Have what the filter finds now exported, to the card. Who may see passwords has been asked before.

    Raises NothingToExport, ExportTooLarge, InvalidRequest.
    """
    pictures = body.pictures != "none"
    if pictures and not {"number", "qr_file"} & set(body.columns):
        raise invalid_field("columns", "no_way_to_match", "导出二维码图片时，请同时勾选卡号或二维码文件，以便对应")
    if "qr_file" in body.columns and not pictures:
        raise invalid_field("columns", "no_pictures", "“二维码文件”一列只在同时导出二维码图片时才有，请选择图片格式")
    serials, _ = await freeze(unit_of_work, merchant_id, body.filter)
    if not serials:
        raise NothingToExport()
    limit = MAX_PICTURES if pictures else MAX_CARDS
    if len(serials) > limit:
        raise ExportTooLarge(limit=limit)
    columns = [column for column in COLUMNS if column in body.columns]
    secret = "password" in columns

    async def work(session: Session) -> JobView:
        row = models.CardSelection(
            merchant_id=merchant_id,
            staff_id=actor.staff_id,
            filter=body.filter.chosen(),
            action="export",
            edit={},
            serials=serials.serialize(),
            count=len(serials),
            will_change=0,
            findings=[],
            created_at=now(),
        )
        await changing.add_selection(session, merchant_id, row)
        job = await queue.add(
            session,
            merchant_id,
            kind=EXPORT,
            lane=LANE,
            permission="card_passwords" if secret else "cards",
            title=f"导出 {row.count:,} 张卡{'（含密码）' if secret else ''}",
            total=row.count,
            input={"selection_id": row.id, "columns": columns, "pictures": body.pictures},
            staff_id=actor.staff_id,
            created_by=actor.name,
            address=actor.address,
            cancellable=True,
        )
        row.job_id = job.id
        await audit.record(
            session,
            merchant_id,
            actor,
            "asked_for_export",
            "cards",
            job_id=job.id,
            filter=row.filter,
            columns=columns,
            count=row.count,
            first_serial=serials.min(),
            last_serial=serials.max(),
        )
        return job

    return await unit_of_work.run(work)


def picture_name(serial: int, number: str, kind: str) -> str:
    """The name of a card's QR picture: sorts like the sheet's rows and holds the number."""
    return f"{serial:08d}_{number}.{kind}"


@dataclass
class Printer:
    """Turns rows of the table into rows of the sheet, and keeps count for the check sheet."""

    shop: Shop
    vault: CardVault
    origin: str
    columns: Sequence[ExportColumn]
    pictures: str
    count: int = 0
    first: str = ""
    last: str = ""
    _digest: Any = field(default_factory=hashlib.sha256)
    _cells: "list[Callable[[AnyRow, Context], Value]]" = field(default_factory=list)

    def __post_init__(self) -> None:
        zone = ZoneInfo(self.shop.timezone)

        def local(moment: dt.datetime | None) -> dt.datetime | None:
            return None if moment is None else moment.astimezone(zone).replace(tzinfo=None, microsecond=0)

        def password(row: AnyRow, _: Context) -> Value:
            return self.vault.open(self.shop.owner, row.number, stored(row))

        cells: dict[ExportColumn, Callable[[AnyRow, Context], Value]] = {
            "serial": lambda row, _: row.serial,
            "number": lambda row, _: row.number,
            "password": password,
            "link": lambda row, _: self.link(row.number),
            "qr_file": lambda row, _: picture_name(row.serial, row.number, self.pictures),
            "name": lambda row, known: known.names.attributes[row.terms_id].name,
            "products": lambda row, known: known.products(row.terms_id),
            "face_value": lambda row, known: known.face_value(row.terms_id),
            "valid_from": lambda row, known: known.names.attributes[row.terms_id].valid_from,
            "valid_until": lambda row, known: known.names.attributes[row.terms_id].valid_until,
            "status": lambda row, _: STATUS_WORDS[row.status],
            "uses_total": lambda row, _: row.uses_total,
            "uses_left": lambda row, _: row.uses_left,
            "distributor": lambda row, known: known.distributor(row.terms_id),
            "batch": lambda row, known: known.batches[row.batch_id].code,
            "remark": lambda row, known: known.names.attributes[row.terms_id].remark,
            "made_at": lambda row, known: local(known.batches[row.batch_id].created_at),
            "activated_at": lambda row, _: local(row.activated_at),
            "redeemed_at": lambda row, _: local(row.redeemed_at),
        }
        self._cells = [cells[column] for column in self.columns]

    def link(self, number: str) -> str:
        """The address that the card's QR code holds."""
        return merchants.card_url(self.origin, self.shop.slug, number)

    def rows(self, rows: Sequence[AnyRow], known: "Context") -> list[list[Value]]:
        """The sheet's rows."""
        if rows:
            self.first = self.first or rows[0].number
            self.last = rows[-1].number
            self.count += len(rows)
            self._digest.update("".join(f"{row.number}\n" for row in rows).encode())
        return [[cell(row, known) for cell in self._cells] for row in rows]

    def checks(self) -> list[list[Value]]:
        """The check sheet: how a printing house sees that nothing was lost on the way."""
        return [
            ["卡券张数", self.count],
            ["第一个卡号", self.first],
            ["最后一个卡号", self.last],
            ["卡号校验码（SHA-256）", self._digest.hexdigest()],
            ["校验方法", "按表中顺序，每个卡号后接一个换行符（LF），连成一个文本，求其 SHA-256"],
            ["导出时间", f"{now().astimezone(ZoneInfo(self.shop.timezone)):%Y-%m-%d %H:%M:%S}"],
        ]

    def result(self) -> dict[str, Any]:
        """The same for the job's result. Of the numbers alone: a sum over passwords would help who guesses them."""
        return {
            "count": self.count,
            "first_number": self.first,
            "last_number": self.last,
            "checksum": self._digest.hexdigest(),
        }


CHECK_COLUMNS = (Column("项目", 28), Column("内容", 80))


@dataclass(frozen=True)
class Context:
    """What the rows of a chunk refer to."""

    names: Names
    batches: dict[int, AnyRow]

    def products(self, terms_id: int) -> str:
        return "、".join(product.name for product in self.names.products_of(terms_id))

    def face_value(self, terms_id: int) -> float | None:
        fen = self.names.attributes[terms_id].face_value_fen
        return None if fen is None else fen / 100

    def distributor(self, terms_id: int) -> str | None:
        found = self.names.distributor_of(terms_id)
        return found.name if found is not None else None


async def read_chunk(session: Session, merchant_id: int, runs: Runs) -> tuple[Sequence[AnyRow], Context]:
    """The cards of the runs, and what they refer to."""
    rows = await exporting.of_runs(session, merchant_id, runs)
    names = await showing.names(session, merchant_id, {row.terms_id for row in rows})
    batches = await exporting.batches(session, merchant_id, list({row.batch_id for row in rows}))
    return rows, Context(names, batches)


async def record_export(
    session: Session, merchant_id: int, actor: Actor, all_runs: Sequence[Runs], job_id: int, columns: Sequence[str]
) -> None:
    """Note in the cards' history that they were exported, and with passwords or not."""
    for runs in all_runs:
        count = sum(last - first + 1 for first, last in runs)
        first, last = runs[0][0], runs[-1][1]
        members = None
        if count < last - first + 1:
            members = BitMap64(serial for a, b in runs for serial in range(a, b + 1)).serialize()
        await changing.add_change(
            session,
            merchant_id,
            {
                "first_serial": first,
                "last_serial": last,
                "count": count,
                "members": members,
                "action": "exported",
                "before": {},
                "after": {"passwords": "password" in columns},
                "job_id": job_id,
                "staff_id": actor.staff_id,
                "name": actor.name,
                "address": actor.address,
            },
        )


async def printed(
    unit_of_work: UnitOfWork, vault: CardVault, merchant_id: int, wanted: CardFilter, origin: str
) -> list[list[Value]]:
    """Serial, number and password of the cards that a filter finds, for the demo and its like; not on record."""
    serials, _ = await freeze(unit_of_work, merchant_id, wanted)

    async def work(session: Session) -> list[list[Value]]:
        shop = await merchants.get(session, merchant_id)
        rows, known = await read_chunk(session, merchant_id, [(one, one) for one in serials])
        return Printer(shop, vault, origin, ("serial", "number", "password"), "none").rows(rows, known)

    return await unit_of_work.run(work, writes=False)
