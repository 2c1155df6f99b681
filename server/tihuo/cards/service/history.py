"""What was done to a card, in words."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap64

from tihuo.cards import models
from tihuo.cards.queries import changing
from tihuo.cards.queries.terms import Attributes
from tihuo.cards.service import showing
from tihuo.cards.service.changing import SPAN
from tihuo.cards.service.showing import Names
from tihuo.db import Session

_WORDS = {
    "activated": "激活",
    "deactivated": "取消激活",
    "voided": "作废",
    "restored": "恢复",
    "edited": "修改",
    "deleted": "删除",
    "exported": "导出",
}


@dataclass(frozen=True)
class Change:
    """One thing that was done to a card. `text` in Chinese; `job_id` where it was done to many at once."""

    action: str
    text: str
    by: str
    address: str
    at: dt.datetime
    job_id: int | None


async def changes_of(session: Session, merchant_id: int, serial: int) -> list[Change]:
    """All that staff did to the card with this serial, oldest first."""
    rows = [row for row in await changing.changes_of(session, merchant_id, serial, SPAN) if _holds(row, serial)]
    ids = {value for row in rows for value in (row.before.get("terms_id"), row.after.get("terms_id")) if value}
    known = await showing.names(session, merchant_id, ids)
    return [Change(row.action, _text(row, known), row.name, row.address, row.at, row.job_id) for row in rows]


def _holds(row: models.CardChange, serial: int) -> bool:
    return row.members is None or serial in BitMap64.deserialize(row.members)


def _text(row: models.CardChange, known: Names) -> str:
    words = _WORDS[row.action]
    if row.action == "exported":
        return "导出（含密码）" if row.after.get("passwords") else "导出（不含密码）"
    if row.action == "edited":
        changes = _differences(row.before["terms_id"], row.after["terms_id"], known)
        return f"{words}：{'；'.join(changes)}"
    return words


def _differences(before_id: int, after_id: int, known: Names) -> list[str]:
    before, after = _shown(before_id, known), _shown(after_id, known)
    return [
        f"{label} {before[label] or '无'} → {after[label] or '无'}" for label in before if before[label] != after[label]
    ]


def _shown(terms_id: int, known: Names) -> dict[str, str]:
    attributes: Attributes = known.attributes[terms_id]
    distributor = known.distributor_of(terms_id)
    fen = attributes.face_value_fen
    values: dict[str, Any] = {
        "名称": attributes.name,
        "商品": "、".join(product.name for product in known.products_of(terms_id)),
        "面值": "" if fen is None else f"{fen / 100:.2f} 元",
        "有效期开始": attributes.valid_from or "",
        "有效期结束": attributes.valid_until or "",
        "备注": attributes.remark,
        "券商": distributor.name if distributor else "",
    }
    return {label: str(value) for label, value in values.items()}
