"""Asking for cards: checked and promised in one transaction; a job makes them (manual: 创建卡券, 卡券导入)."""

import hashlib
from collections.abc import Sequence

from tihuo.audit import service as audit
from tihuo.audit.service import Actor
from tihuo.cards import models
from tihuo.cards.errors import UploadNotFound
from tihuo.cards.queries import making, terms
from tihuo.cards.queries.terms import Attributes
from tihuo.cards.schemas import BatchIn, BatchMade, ImportIn, Terms
from tihuo.cards.service import numbers, showing
from tihuo.catalog import service as catalog
from tihuo.db import Session, idempotency, now
from tihuo.distributors import service as distributors
from tihuo.errors import invalid_field
from tihuo.jobs import files, queue
from tihuo.merchants import service as merchants

MAKE, IMPORT = "make_cards", "import_cards"
LANE = "cards"
PERMISSION = "cards"


async def make_batch(session: Session, merchant_id: int, body: BatchIn, key: str, actor: Actor) -> BatchMade:
    """Have a batch of cards made, all or none. The same `key` again answers the same batch.

    Raises InvalidRequest naming prefix, number_length, quantity, start_number, product_ids or distributor_id.
    """
    fingerprint = hashlib.sha256(body.model_dump_json().encode()).digest()
    if made := await idempotency.find(session, merchant_id, "batch", key, fingerprint):
        return await _made(session, merchant_id, made)
    counter = await making.serial_counter_for_update(session, merchant_id)
    if made := await idempotency.find(session, merchant_id, "batch", key, fingerprint):
        return await _made(session, merchant_id, made)
    if body.start_number is not None:
        if body.order == "random":
            raise invalid_field(
                "start_number", "start_with_random", "起始号只用于顺序生成；请清空起始号，或改为顺序生成"
            )
        await numbers.check_start(session, merchant_id, body.prefix, body.start_number, body.quantity)
    else:
        await numbers.check_room(session, merchant_id, body, counter.last_serial)
    batch = await _promise(session, merchant_id, counter, body, actor, source="made", quantity=body.quantity)
    asked = body.model_dump(include={"prefix", "number_length", "start_number", "order"})
    asked |= {"password_length": body.password_length, "password_alphabet": body.password_alphabet}
    await making.change_batch(session, merchant_id, batch.id, **asked)
    title = f"生成 {body.quantity:,} 张卡（批次 {batch.code}）"
    await _ask(session, merchant_id, batch, MAKE, title, body.quantity, {"batch_id": batch.id}, actor)
    await idempotency.keep(session, merchant_id, "batch", key, fingerprint, batch.id)
    return await _made(session, merchant_id, batch.id)


async def import_batch(session: Session, merchant_id: int, body: ImportIn, key: str, actor: Actor) -> BatchMade:
    """Have an uploaded table imported, all or none. The same `key` again answers the same batch.

    How many cards there are is known only when the table was read: till then the batch has none.
    Raises UploadNotFound, InvalidRequest naming product_ids or distributor_id.
    """
    fingerprint = hashlib.sha256(body.model_dump_json().encode()).digest()
    if made := await idempotency.find(session, merchant_id, "batch", key, fingerprint):
        return await _made(session, merchant_id, made)
    counter = await making.serial_counter_for_update(session, merchant_id)
    if made := await idempotency.find(session, merchant_id, "batch", key, fingerprint):
        return await _made(session, merchant_id, made)
    batch = await _promise(session, merchant_id, counter, body, actor, source="imported", quantity=0)
    title = f"导入卡券（批次 {batch.code}）"
    asked = {"batch_id": batch.id, "file_id": body.file_id}
    job_id = await _ask(session, merchant_id, batch, IMPORT, title, 0, asked, actor)
    if not await files.belongs_to(session, merchant_id, body.file_id, job_id):
        raise UploadNotFound()
    await idempotency.keep(session, merchant_id, "batch", key, fingerprint, batch.id)
    return await _made(session, merchant_id, batch.id)


async def _promise(
    session: Session,
    merchant_id: int,
    counter: models.SerialCounter,
    body: Terms,
    actor: Actor,
    *,
    source: str,
    quantity: int,
) -> models.Batch:
    """The batch, with serials of its own, still to be filled. Ready or not, these serials are nobody else's."""
    shop = await merchants.get(session, merchant_id)
    attributes = Attributes(
        name=body.name,
        product_set_id=await product_set(session, merchant_id, body.product_ids),
        face_value_fen=body.face_value_fen,
        valid_from=body.valid_from,
        valid_until=body.valid_until,
        remark=body.remark,
        distributor_id=body.distributor_id,
    )
    await check_distributor(session, merchant_id, body.distributor_id)
    day = f"{shop.today():%Y%m%d}"
    batch = models.Batch(
        merchant_id=merchant_id,
        code=f"{day}-{await making.batches_on(session, merchant_id, day) + 1:02d}",
        status="making",
        source=source,
        prefix="",
        uses=body.uses,
        card_status=body.status,
        quantity=quantity,
        first_serial=counter.last_serial + 1,
        last_serial=counter.last_serial + quantity,
        terms_id=await terms.of(session, merchant_id, attributes),
        created_by=actor.name,
        created_at=now(),
    )
    counter.last_serial += quantity
    return await making.add_batch(session, merchant_id, batch)


async def _ask(
    session: Session,
    merchant_id: int,
    batch: models.Batch,
    kind: str,
    title: str,
    total: int,
    asked: dict[str, int],
    actor: Actor,
) -> int:
    job = await queue.add(
        session,
        merchant_id,
        kind=kind,
        lane=LANE,
        permission=PERMISSION,
        title=title,
        total=total,
        input=asked,
        staff_id=actor.staff_id,
        created_by=actor.name,
        address=actor.address,
        cancellable=True,
    )
    await making.change_batch(session, merchant_id, batch.id, job_id=job.id)
    await audit.record(
        session, merchant_id, actor, "asked_for", "batches", batch.id, code=batch.code, quantity=batch.quantity
    )
    return job.id


async def _made(session: Session, merchant_id: int, batch_id: int) -> BatchMade:
    row = await making.batch(session, merchant_id, batch_id)
    assert row is not None
    assert row.job_id is not None
    return BatchMade(
        batch=(await showing.batches(session, merchant_id, [row]))[0],
        job=await queue.get(session, merchant_id, (PERMISSION,), row.job_id),
    )


async def product_set(session: Session, merchant_id: int, product_ids: Sequence[int]) -> int:
    """The set of these products. Raises InvalidRequest if one is not the merchant's."""
    known = await catalog.get_many(session, merchant_id, product_ids)
    if len(known) != len(set(product_ids)):
        raise invalid_field("product_ids", "product_unknown", "对应商品中有不存在的商品，请重新选择")
    return await terms.product_set(session, merchant_id, product_ids)


async def check_distributor(session: Session, merchant_id: int, distributor_id: int | None) -> None:
    """Raise InvalidRequest unless the distributor is the merchant's and open, or none."""
    if distributor_id is None:
        return
    known = await distributors.find(session, merchant_id, distributor_id)
    if known is None:
        raise invalid_field("distributor_id", "distributor_unknown", "没有这个券商，请重新选择")
    if known.closed:
        raise invalid_field("distributor_id", "distributor_closed", f"券商“{known.name}”已停用，请另选一个或先启用它")
