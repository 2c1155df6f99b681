"""Making a batch: so many cards a step, hidden until all are there, taken out again if that fails."""

import asyncio
import secrets
from collections.abc import Sequence
from typing import Any

from tihuo.audit import service as audit
from tihuo.audit.service import Actor
from tihuo.cards import models
from tihuo.cards.queries import making
from tihuo.cards.queries.making import Made
from tihuo.cards.schemas import Alphabet
from tihuo.cards.service import numbers
from tihuo.db import Session, now
from tihuo.jobs.task import Task
from tihuo.merchants import service as merchants
from tihuo.merchants.service import Shop
from tihuo.shapes import unmistakable
from tihuo.vault import CardVault

CHUNK = 10_000

# Without what reads like another: 0 O, 1 I L.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ"
ALPHABETS: dict[Alphabet, str] = {
    "digits": "0123456789",
    "letters": _LETTERS,
    "letters_digits": _LETTERS + "23456789",
}


def random_texts(count: int, length: int, alphabet: str) -> list[str]:
    """Texts drawn from the system's CSPRNG, every character equally likely and independent of all others."""
    base = len(alphabet)
    fair = 256 - 256 % base
    # Each byte becomes its character; those beyond the last whole multiple of `base` are unfair and dropped.
    characters = bytes(ord(alphabet[value % base]) for value in range(fair)) + bytes(256 - fair)
    unfair = bytes(range(fair, 256))
    drawn = bytearray()
    while len(drawn) < count * length:
        wanted = (count * length - len(drawn)) * 256 // fair + 16
        drawn += secrets.token_bytes(wanted).translate(characters, unfair)
    text = drawn[: count * length].decode()
    return [text[start : start + length] for start in range(0, count * length, length)]


def seal(shop: Shop, vault: CardVault, first_serial: int, pairs: Sequence[tuple[str, str]]) -> list[Made]:
    """Rows for cards (number, password), their serials from `first_serial` on."""
    sealed = vault.seal_many(shop.owner, pairs)
    return [
        Made(serial, number, unmistakable(number), one.mac, one.sealed)
        for serial, ((number, _), one) in enumerate(zip(pairs, sealed, strict=True), first_serial)
    ]


def common(shop: Shop, vault: CardVault, batch: models.Batch) -> dict[str, Any]:
    """The columns that all of a batch's cards share, as SQL literals."""
    active = batch.card_status == "active"
    return {
        "key_id": f"'{vault.key_id}'",
        "batch_id": batch.id,
        "terms_id": batch.terms_id,
        "status": f"'{batch.card_status}'",
        "uses_total": batch.uses,
        "uses_left": batch.uses,
        "activated_at": f"'{batch.created_at:%Y-%m-%d %H:%M:%S.%f}'" if active else "NULL",
        "activated_day": f"'{shop.day_of(batch.created_at)}'" if active else "NULL",
    }


class Making:
    """Makes a batch's cards (spec D)."""

    def __init__(self, vault: CardVault) -> None:
        self._vault = vault

    async def run(self, task: Task) -> None:
        """Fill the batch. Raises InvalidRequest when its numbers were taken meanwhile."""
        batch, shop = await load(task)
        if batch.order == "sequential" and "segments" not in task.state:
            await task.step(lambda session: _plan(session, task, batch), state=lambda planned: planned)
        shared = common(shop, self._vault, batch)
        drawing = numbers.Drawing(task.merchant_id, batch.prefix, batch.number_length or 0)
        while task.done < batch.quantity:
            count = min(CHUNK, batch.quantity - task.done)
            found = await self._numbers(task, batch, drawing, count)
            first = batch.first_serial + task.done
            rows = await asyncio.to_thread(self._rows, shop, batch, first, found)

            async def work(session: Session, rows: Sequence[Made] = rows) -> None:
                await making.add_cards(session, task.merchant_id, rows, shared)

            await task.step(work, state=seen(task.state, rows), done=task.done + count)
        await task.finish(lambda session: ready(session, task, batch, task.state))

    async def _numbers(self, task: Task, batch: models.Batch, drawing: numbers.Drawing, count: int) -> list[str]:
        if batch.order == "sequential":
            segments = [(first, last, digits) for first, last, digits in task.state["segments"]]
            return list(numbers.expand(batch.prefix, segments, task.done, count))
        missing = batch.quantity - task.done
        return await task.read(lambda session: drawing.draw(session, count, missing))

    def _rows(self, shop: Shop, batch: models.Batch, first_serial: int, found: Sequence[str]) -> list[Made]:
        alphabet = ALPHABETS[batch.password_alphabet]  # type: ignore[index]  # it was one when it was written
        passwords = random_texts(len(found), batch.password_length or 0, alphabet)
        return seal(shop, self._vault, first_serial, list(zip(found, passwords, strict=True)))


async def load(task: Task) -> tuple[models.Batch, Shop]:
    """The batch of a job, and its merchant."""

    async def work(session: Session) -> tuple[models.Batch, Shop]:
        batch = await making.batch(session, task.merchant_id, task.input["batch_id"])
        assert batch is not None
        return batch, await merchants.get(session, task.merchant_id)

    return await task.read(work)


async def _plan(session: Session, task: Task, batch: models.Batch) -> dict[str, Any]:
    """Take the numbers: no other batch of the merchant's is being filled meanwhile."""
    if batch.start_number is not None:
        segments = await numbers.check_start(
            session, task.merchant_id, batch.prefix, batch.start_number, batch.quantity
        )
    else:
        segments = await numbers.sequential(
            session, task.merchant_id, batch.prefix, batch.number_length or 0, batch.quantity
        )
    before = []
    for _, last, digits in segments:
        held = await making.last_number(session, task.merchant_id, batch.prefix, digits)
        before.append([digits, held])
        if last > held:
            await making.set_last_number(session, task.merchant_id, batch.prefix, digits, last)
    return {"segments": segments, "before": before}


def seen(state: dict[str, Any], rows: Sequence[Made]) -> dict[str, Any]:
    """The state with the bounds of the number keys so far."""
    keys = [row.number_key for row in rows]
    return {
        **state,
        "lowest": min(keys + ([state["lowest"]] if "lowest" in state else [])),
        "highest": max(keys + ([state["highest"]] if "highest" in state else [])),
        "first": state.get("first", rows[0].number),
        "last": rows[-1].number,
    }


async def ready(session: Session, task: Task, batch: models.Batch, state: dict[str, Any]) -> dict[str, Any]:
    """Let the batch be seen and redeemed, all of it in this moment."""
    await making.change_batch(
        session,
        task.merchant_id,
        batch.id,
        status="ready",
        first_number=state["first"],
        last_number=state["last"],
        lowest_key=state["lowest"],
        highest_key=state["highest"],
    )
    actor = Actor(task.staff_id, task.created_by, task.address)
    await audit.record(
        session,
        task.merchant_id,
        actor,
        "made" if batch.source == "made" else "imported",
        "batches",
        batch.id,
        code=batch.code,
        quantity=batch.quantity,
        first_number=state["first"],
        last_number=state["last"],
    )
    return {
        "batch_id": batch.id,
        "code": batch.code,
        "quantity": batch.quantity,
        "first_number": state["first"],
        "last_number": state["last"],
        "ready_at": now().isoformat(),
    }


async def undo(task: Task) -> None:
    """Take the cards out again; nobody has seen them."""
    batch, _ = await load(task)
    await remove(task, batch)

    async def work(session: Session) -> None:
        await making.change_batch(session, task.merchant_id, batch.id, status="undone")
        for (_, last, digits), (_, held) in zip(
            reversed(task.state.get("segments", [])), reversed(task.state.get("before", [])), strict=True
        ):
            # Nobody else has gone on from there: the merchant's jobs take turns.
            if await making.last_number(session, task.merchant_id, batch.prefix, digits) == last:
                await making.set_last_number(session, task.merchant_id, batch.prefix, digits, held)

    await task.undone(work)


async def remove(task: Task, batch: models.Batch) -> None:
    """Take a batch's cards out of the table, so many a step."""
    first = batch.first_serial
    while first <= batch.last_serial:
        last = min(first + CHUNK - 1, batch.last_serial)

        async def work(session: Session, first: int = first, last: int = last) -> None:
            await making.remove_cards(session, task.merchant_id, batch.id, first, last)

        await task.step(work)
        first = last + 1
