"""Cards: making them, changing their state, exporting them, using them up."""

import datetime as dt
import hashlib
import random
import secrets
from collections.abc import Iterable, Sequence
from typing import Any

from tihuo.audit import service as audit
from tihuo.audit.service import Actor
from tihuo.cards import models, queries
from tihuo.cards.errors import (
    BatchNotFound,
    CardActionRefused,
    CardNotFound,
    ExportTooLarge,
    NothingToExport,
    SelectionChanged,
    SelectionTooLarge,
)
from tihuo.cards.schemas import (
    MAX_QUANTITY,
    Action,
    Alphabet,
    Batch,
    BatchIn,
    BatchPage,
    BatchRef,
    Card,
    CardCount,
    CardFigures,
    CardFilter,
    CardPage,
    CardQuery,
    CardsStatusOut,
)
from tihuo.catalog import service as catalog
from tihuo.catalog.schemas import ProductName
from tihuo.db import Session, idempotency, now
from tihuo.db.base import AnyRow
from tihuo.errors import invalid_field
from tihuo.merchants import service as merchants
from tihuo.merchants.service import Shop
from tihuo.shapes import Paged, page
from tihuo.vault import CardVault, SealedPassword

MAX_SELECTION = 10_000
COUNT_CAP = 100_000

# Without what reads like another: 0 O, 1 I L.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ"
ALPHABETS: dict[Alphabet, str] = {
    "digits": "0123456789",
    "letters": _LETTERS,
    "letters_digits": _LETTERS + "23456789",
}


async def make_batch(
    session: Session, vault: CardVault, merchant_id: int, body: BatchIn, key: str, actor: Actor
) -> Batch:
    """Make a batch of cards, all or none. The same `key` again answers the same batch.

    Raises InvalidRequest naming prefix, number_length, quantity, start_number or product_ids.
    """
    fingerprint = hashlib.sha256(body.model_dump_json().encode()).digest()
    made = await idempotency.find(session, merchant_id, "batch", key, fingerprint)
    if made is not None:
        return await get_batch(session, merchant_id, made)
    shop = await merchants.get(session, merchant_id)
    known = await catalog.get_many(session, merchant_id, body.product_ids)
    if len(known) != len(set(body.product_ids)):
        raise invalid_field("product_ids", "product_unknown", "对应商品中有不存在的商品，请重新选择")
    counter = await queries.serial_counter_for_update(session, merchant_id)
    numbers = await _numbers(session, merchant_id, body)
    first_serial = counter.last_serial + 1
    counter.last_serial += body.quantity
    day = f"{shop.today():%Y%m%d}"
    batch = models.Batch(
        merchant_id=merchant_id,
        code=f"{day}-{await queries.batches_on(session, merchant_id, day) + 1:02d}",
        first_serial=first_serial,
        last_serial=counter.last_serial,
        first_number=numbers[0],
        last_number=numbers[-1],
        product_set_id=await queries.product_set(session, merchant_id, body.product_ids),
        created_by=actor.name,
        created_at=now(),
        **body.model_dump(exclude={"product_ids", "status"}),
    )
    await queries.add_batch(session, merchant_id, batch)
    rows = _rows(shop, vault, batch, body, numbers)
    await queries.add_cards(session, merchant_id, rows)
    await idempotency.keep(session, merchant_id, "batch", key, fingerprint, batch.id)
    await audit.record(
        session, merchant_id, actor, "made", "batches", batch.id, code=batch.code, quantity=body.quantity
    )
    return (await _batches(session, merchant_id, [batch]))[0]


def _rows(
    shop: Shop, vault: CardVault, batch: models.Batch, body: BatchIn, numbers: Sequence[str]
) -> list[dict[str, Any]]:
    made_at = batch.created_at
    common = {
        "batch_id": batch.id,
        "status": body.status,
        "status_before_void": None,
        "uses_total": 1,
        "uses_left": 1,
        "product_set_id": batch.product_set_id,
        "name": body.name,
        "face_value_fen": body.face_value_fen,
        "valid_from": body.valid_from,
        "valid_until": body.valid_until,
        "remark": body.remark,
        "made_at": made_at,
        "activated_at": made_at if body.status == "active" else None,
        "redeemed_at": None,
    }
    rows = []
    passwords = random_texts(len(numbers), body.password_length, ALPHABETS[body.password_alphabet])
    for serial, (number, password) in enumerate(zip(numbers, passwords, strict=True), batch.first_serial):
        sealed = vault.seal(shop.owner, number, password)
        rows.append(
            {
                "serial": serial,
                "number": number,
                "password_mac": sealed.mac,
                "password_sealed": sealed.sealed,
                "key_id": sealed.key_id,
                **common,
            }
        )
    return rows


def random_texts(count: int, length: int, alphabet: str) -> list[str]:
    """Texts drawn from the system's CSPRNG, every character equally likely and independent of all others."""
    base = len(alphabet)
    fair = 256 - 256 % base
    letters = bytearray()
    while len(letters) < count * length:
        wanted = (count * length - len(letters)) * 256 // fair + 16
        letters += bytes(value % base for value in secrets.token_bytes(wanted) if value < fair)
    text = letters[: count * length].translate(bytes(ord(char) for char in alphabet) + bytes(256 - base)).decode()
    return [text[start : start + length] for start in range(0, count * length, length)]


async def _numbers(session: Session, merchant_id: int, body: BatchIn) -> list[str]:
    """The batch's numbers, none in use. The merchant's serial counter is locked meanwhile."""
    if body.start_number is not None:
        return await _numbers_from(session, merchant_id, body, body.start_number)
    # Without a prefix the first digit is not 0: spreadsheets drop leading zeros.
    lowest = 1 if body.prefix else 10 ** (body.number_length - 1) + 1
    highest = 10**body.number_length - 1
    if body.order == "random":
        return await _random_numbers(session, merchant_id, body, lowest, highest)
    last = await queries.last_number(session, merchant_id, body.prefix, body.number_length)
    numbers: list[str] = []
    cursor = max(last + 1, lowest)
    while len(numbers) < body.quantity and cursor <= highest:
        stop = min(cursor + max(body.quantity - len(numbers), 1000) - 1, highest)
        wanted = [_number(body, value) for value in range(cursor, stop + 1)]
        used = set(await queries.numbers_between(session, merchant_id, wanted[0], wanted[-1]))
        numbers += [number for number in wanted if number not in used]
        cursor = stop + 1
    if len(numbers) < body.quantity:
        raise _no_room(body, len(numbers))
    numbers = numbers[: body.quantity]
    await _keep_last(session, merchant_id, body, int(numbers[-1][len(body.prefix) :]), body.number_length)
    return numbers


async def _numbers_from(session: Session, merchant_id: int, body: BatchIn, start: int) -> list[str]:
    """Manual: 起始号 10000 gives 10001 first; the length has no say."""
    if body.order == "random":
        raise invalid_field("start_number", "start_with_random", "起始号只用于顺序生成；请清空起始号，或改为顺序生成")
    numbers = [f"{body.prefix}{value}" for value in range(start + 1, start + body.quantity + 1)]
    used = await queries.in_use(session, merchant_id, numbers)
    if used:
        first, free = min(used), start + body.quantity
        raise invalid_field(
            "start_number",
            "numbers_taken",
            f"从 {numbers[0]} 到 {numbers[-1]} 有 {len(used)} 个卡号已被使用（如 {first}），"
            f"请换一个起始号（如 {free}）或前缀",
        )
    low, high = start + 1, start + body.quantity
    for digits in range(len(str(low)), len(str(high)) + 1):
        await _keep_last(session, merchant_id, body, min(high, 10**digits - 1), digits)
    return numbers


async def _random_numbers(session: Session, merchant_id: int, body: BatchIn, lowest: int, highest: int) -> list[str]:
    room = highest - lowest + 1
    first, last = _number(body, lowest), _number(body, highest)
    free = room - await queries.count_between(session, merchant_id, first, last)
    if free < body.quantity:
        raise _no_room(body, free)
    draw = random.SystemRandom()
    if free < 4 * body.quantity or room <= 4 * MAX_QUANTITY:
        # Nearly full: drawing until one is free could take for ever, so draw from the free ones.
        used = set(await queries.numbers_between(session, merchant_id, first, last))
        left = [number for value in range(lowest, highest + 1) if (number := _number(body, value)) not in used]
        return draw.sample(left, body.quantity)
    chosen: dict[str, None] = {}
    while len(chosen) < body.quantity:
        missing = body.quantity - len(chosen)
        drawn = list({_number(body, draw.randint(lowest, highest)) for _ in range(missing)} - chosen.keys())
        used = await queries.in_use(session, merchant_id, drawn)
        chosen |= dict.fromkeys(number for number in drawn if number not in used)
    return list(chosen)


def _number(body: BatchIn, value: int) -> str:
    return f"{body.prefix}{value:0{body.number_length}d}"


async def _keep_last(session: Session, merchant_id: int, body: BatchIn, number: int, digits: int) -> None:
    await queries.keep_last_number(session, merchant_id, body.prefix, digits, number)


def _no_room(body: BatchIn, left: int) -> Exception:
    named = f"前缀 {body.prefix}、" if body.prefix else ""
    return invalid_field(
        "quantity",
        "number_range_full",
        f"{named}长度 {body.number_length} 还能生成 {left} 个卡号，不够 {body.quantity} 张；"
        "请加大卡号长度、减少生成数量，或换一个前缀",
    )


async def get_batch(session: Session, merchant_id: int, batch_id: int) -> Batch:
    """One batch. Raises BatchNotFound."""
    row = await queries.batch(session, merchant_id, batch_id)
    if row is None:
        raise BatchNotFound()
    return (await _batches(session, merchant_id, [row]))[0]


async def list_batches(session: Session, merchant_id: int, query: Paged) -> BatchPage:
    """Batches, newest first."""
    rows = list(await queries.batch_page(session, merchant_id, query.after, query.limit))
    shown, following = page(rows, query.limit)
    return BatchPage(items=await _batches(session, merchant_id, shown), next=following)


async def _batches(session: Session, merchant_id: int, rows: Sequence[models.Batch]) -> list[Batch]:
    names = await _product_names(session, merchant_id, {row.product_set_id for row in rows})
    fields = [name for name in Batch.model_fields if name != "products"]
    return [Batch(products=names[row.product_set_id], **{name: getattr(row, name) for name in fields}) for row in rows]


async def _product_names(session: Session, merchant_id: int, set_ids: Iterable[int]) -> dict[int, list[ProductName]]:
    sets = await queries.products_of_sets(session, merchant_id, set_ids)
    wanted = sorted({product_id for ids in sets.values() for product_id in ids})
    known = await catalog.get_many(session, merchant_id, wanted)
    names = {product.id: ProductName(id=product.id, name=product.name) for product in known}
    return {set_id: [names[product_id] for product_id in ids] for set_id, ids in sets.items()}


async def list_cards(session: Session, merchant_id: int, query: CardQuery) -> CardPage:
    """Cards that the filter finds, newest first, with their count."""
    found = await queries.page(session, merchant_id, query, query.after, query.limit)
    rows, following = page([row.card for row in found], query.limit)
    shown = found[: len(rows)]
    total = await queries.count(session, merchant_id, query, COUNT_CAP + 1)
    return CardPage(
        items=await _cards(session, merchant_id, shown),
        next=following,
        count=CardCount(value=min(total, COUNT_CAP), exact=total <= COUNT_CAP),
    )


async def _cards(session: Session, merchant_id: int, rows: Sequence[queries.Filtered]) -> list[Card]:
    names = await _product_names(session, merchant_id, {row.card.product_set_id for row in rows})
    fields = [name for name in Card.model_fields if name not in ("products", "batch", "redeemed")]
    return [
        Card(
            batch=BatchRef(id=row.card.batch_id, code=row.batch_code),
            redeemed=row.card.uses_left < row.card.uses_total,
            products=names[row.card.product_set_id],
            **{name: getattr(row.card, name) for name in fields},
        )
        for row in rows
    ]


async def change_status(session: Session, merchant_id: int, card_id: int, action: Action, actor: Actor) -> Card:
    """Activate, deactivate, void or restore one card. Raises CardNotFound, CardActionRefused."""
    changed = await queries.change_status(session, merchant_id, [card_id], action)
    row = await queries.one(session, merchant_id, card_id)
    if row is None:
        raise CardNotFound()
    if not changed:
        raise CardActionRefused(reason=_why_not(row.card, action))
    await audit.record(session, merchant_id, actor, action, "cards", card_id, number=row.card.number)
    return (await _cards(session, merchant_id, [row]))[0]


def _why_not(card: models.Card, action: Action) -> str:
    if card.status == "void" and action != "restore":
        return "这张卡已作废，请先恢复"
    if action in ("void", "deactivate") and card.uses_left < card.uses_total:
        return "这张卡已兑换，不能再作废或取消激活"
    return {
        "activate": "这张卡已经是激活状态",
        "deactivate": "这张卡还没有激活",
        "void": "这张卡不能作废",
        "restore": "这张卡没有作废，不用恢复",
    }[action]


async def change_status_of_all(
    session: Session, merchant_id: int, wanted: CardFilter, action: Action, expected: int, actor: Actor
) -> CardsStatusOut:
    """Change what the filter finds, if that is still the `expected` number of cards; else nothing.

    Raises SelectionChanged, SelectionTooLarge.
    """
    ids = await queries.ids_for_update(session, merchant_id, wanted, MAX_SELECTION + 1)
    if len(ids) > MAX_SELECTION:
        raise SelectionTooLarge(limit=MAX_SELECTION)
    if len(ids) != expected:
        raise SelectionChanged(count=len(ids))
    changed = await queries.change_status(session, merchant_id, ids, action)
    if changed:
        await audit.record(
            session,
            merchant_id,
            actor,
            action,
            "cards",
            filter=wanted.model_dump(mode="json", exclude_defaults=True),
            changed=changed,
            unchanged=len(ids) - changed,
        )
    return CardsStatusOut(changed=changed, unchanged=len(ids) - changed)


async def export(
    session: Session, vault: CardVault, shop: Shop, wanted: CardFilter, origin: str, actor: Actor
) -> list[tuple[str | int | None, ...]]:
    """Rows for the printing house, passwords among them; on record. Raises NothingToExport, ExportTooLarge."""
    found = await queries.for_export(session, shop.id, wanted, MAX_SELECTION + 1)
    if not found:
        raise NothingToExport()
    if len(found) > MAX_SELECTION:
        raise ExportTooLarge(limit=MAX_SELECTION)
    await audit.record(
        session,
        shop.id,
        actor,
        "exported",
        "cards",
        filter=wanted.model_dump(mode="json", exclude_defaults=True),
        count=len(found),
        first_serial=found[0].serial,
        last_serial=found[-1].serial,
    )
    return [
        (
            row.serial,
            row.number,
            vault.open(shop.owner, row.number, stored(row)),
            merchants.card_url(origin, shop.slug, row.number),
            row.name,
            None if row.face_value_fen is None else f"{row.face_value_fen / 100:.2f}",
            _day(row.valid_from),
            _day(row.valid_until),
            STATUS_WORDS[row.status],
            row.batch_code,
            row.remark,
        )
        for row in found
    ]


EXPORT_COLUMNS = (
    ("卡序号", 10),
    ("卡号", 20),
    ("密码", 20),
    ("提货链接", 48),
    ("卡券名称", 18),
    ("面值（元）", 12),
    ("有效期开始", 14),
    ("有效期结束", 14),
    ("状态", 10),
    ("批次号", 16),
    ("备注", 24),
)
STATUS_WORDS = {"inactive": "未激活", "active": "已激活", "void": "已作废"}


def _day(value: dt.date | None) -> str | None:
    return value.isoformat() if value else None


def stored(row: AnyRow) -> SealedPassword:
    """The stored copies of a card's password."""
    return SealedPassword(row.password_mac, row.password_sealed, row.key_id)


async def find(session: Session, merchant_id: int, number: str) -> AnyRow | None:
    """The card with this number, for checking its password; None where there is none."""
    return await queries.for_check(session, merchant_id, number)


async def take_use(session: Session, merchant_id: int, card_id: int, seen: int, today: dt.date) -> bool:
    """Use a card up once; False when it may not be (any more), and then nothing was changed."""
    return await queries.take_use(session, merchant_id, card_id, seen, today)


async def products(session: Session, merchant_id: int, set_id: int) -> list[int]:
    """The ids of the products that cards with this product set are good for."""
    return await queries.set_products(session, merchant_id, set_id)


async def figures(session: Session, merchant_id: int) -> CardFigures:
    """How many cards there are, how many active, how many redeemed."""
    total, active, redeemed = await queries.figures(session, merchant_id)
    return CardFigures(total=total, active=int(active), redeemed=int(redeemed))
