"""Random sequences of everything that can be done to cards, against a model of a few lines."""

import datetime as dt
import random
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.cards import desk
from tests.cards.desk import Desk, code, ok, table
from tests.cards.seeds import seed
from tests.factories.shops import Card, Shop
from tihuo.cards.service import changing
from tihuo.db import Session
from tihuo.orders.models import Order
from tihuo.redemption.models import Redemption

STEPS = 45
NAMES = ("甲", "乙", "丙")


@dataclass
class Known:
    """A card as it should be."""

    printed: Card
    name: str
    products: frozenset[int]
    status: str
    uses_total: int
    uses_left: int
    face_value_fen: int | None = None
    before_void: str = ""
    expired: bool = False
    changes: list[str] = field(default_factory=list)

    @property
    def used(self) -> int:
        return self.uses_total - self.uses_left

    def state(self) -> str:
        """What the storefront says of it."""
        if self.uses_left == 0:
            return "redeemed"
        if self.status != "active":
            return self.status
        return "expired" if self.expired else "redeemable"


FITS: dict[str, Callable[[Known], bool]] = {
    "activate": lambda card: card.status == "inactive",
    "deactivate": lambda card: card.status == "active" and card.uses_left > 0,
    "void": lambda card: card.status != "void" and card.used == 0,
    "restore": lambda card: card.status == "void",
    "delete": lambda card: card.status == "void",
}


class Sequence:
    """The model beside the merchant. Each action is done to both."""

    def __init__(self, shop: Shop, staff: Desk, products: list[int], seed: int) -> None:
        self.shop = shop
        self.staff = staff
        self.products = products
        self.random = random.Random(seed)
        self.cards: dict[int, Known] = {}
        self.gone: list[Card] = []
        self.last_serial = 0
        self.done: Counter[str] = Counter()

    async def step(self) -> None:
        actions: list[tuple[Callable[[], Awaitable[None]], int]] = [
            (self.make, 3 if len(self.cards) < 60 else 0),
            (self.take_in, 2 if len(self.cards) < 60 else 0),
            (self.bulk, 8),
            (self.edit, 4),
            (self.one, 3),
            (self.redeem, 8),
            (self.export, 1),
            (self.make_nothing, 1),
        ]
        if not self.cards:
            actions = actions[:2]
        action = self.random.choices([one for one, _ in actions], [weight for _, weight in actions])[0]
        self.done[action.__name__] += 1
        await action()

    async def make(self) -> None:
        """A batch, sequential or at random."""
        quantity, uses = self.random.randrange(1, 12), self.random.choice([1, 1, 2, 3])
        name, status = self.random.choice(NAMES), self.random.choice(["inactive", "active"])
        products = self.random.sample(self.products, self.random.choice([1, 2]))
        batch = await self.staff.make(
            quantity=quantity,
            uses=uses,
            name=name,
            status=status,
            product_ids=products,
            number_length=6,
            prefix=self.random.choice(["", "M", "MO"]),
            order=self.random.choice(["sequential", "random"]),
        )
        await self.added(batch, name, frozenset(products), status, uses)

    async def take_in(self) -> None:
        """A small table of the merchant's own cards, good or with one bad row."""
        rows = [(f"OWN{secrets.token_hex(4)}", secrets.token_hex(5)) for _ in range(self.random.randrange(1, 6))]
        bad = self.random.random() < 0.3 and self.cards
        if bad:
            taken = self.random.choice([card.printed for card in self.cards.values()] + self.gone)
            rows.append((taken.number, "123456"))
        uses, product = self.random.choice([1, 2]), self.random.choice(self.products)
        job = await self.staff.import_table(
            table([*rows]), name="外来", uses=uses, status="active", product_ids=[product]
        )
        if bad:
            assert (job["status"], job["error"]["data"]["count"]) == ("failed", 1), job
            return
        assert job["status"] == "done", job
        batch = await self.staff.batch(job["result"]["batch_id"])
        await self.added(batch, "外来", frozenset([product]), "active", uses)
        printed = [self.cards[serial].printed for serial in range(batch["first_serial"], batch["last_serial"] + 1)]
        assert printed == [Card(number.upper(), password.upper()) for number, password in rows]

    async def added(self, batch: dict[str, Any], name: str, products: frozenset[int], status: str, uses: int) -> None:
        printed = await self.staff.printed(batch_id=batch["id"])
        assert batch["first_serial"] > self.last_serial
        numbers = {card.printed.number for card in self.cards.values()} | {card.number for card in self.gone}
        for serial, card in enumerate(printed, start=batch["first_serial"]):
            assert card.number not in numbers
            self.cards[serial] = Known(card, name, products, status, uses, uses, changes=["exported"])
        self.last_serial = batch["last_serial"]
        assert len(printed) == batch["last_serial"] - batch["first_serial"] + 1

    async def make_nothing(self) -> None:
        """A batch that is cancelled while it waits or is made; or done, if that was too late."""
        asked = await self.staff.ask(quantity=3, name="甲", product_ids=self.products[:1], number_length=6)
        answer = await self.staff.client.post(f"/api/m/jobs/{asked['job']['id']}/cancel")
        job = await self.staff.ended(asked["job"]["id"])
        batch = await self.staff.batch(asked["batch"]["id"])
        if answer.status_code == 200:
            assert job["status"] == "cancelled"
            self.last_serial = batch["last_serial"]
            return
        assert code(answer) == "job_ended"
        await self.added(batch, "甲", frozenset(self.products[:1]), "active", 1)

    def some(self) -> tuple[dict[str, Any], list[int]]:
        """A filter, and the serials that it should find."""
        kind = self.random.choice(["all", "range", "range", "name", "status"])
        if kind == "range":
            first = self.random.randrange(1, self.last_serial + 1)
            last = first + self.random.randrange(15)
            return {"serial_from": first, "serial_to": last}, [one for one in self.cards if first <= one <= last]
        if kind == "name":
            name = self.random.choice(NAMES)
            return {"name": name}, [serial for serial, card in self.cards.items() if name in card.name]
        if kind == "status":
            status = self.random.choice(["inactive", "active", "void"])
            return {"status": status}, [serial for serial, card in self.cards.items() if card.status == status]
        return {}, list(self.cards)

    async def bulk(self) -> None:
        """An action on a filter; some cards are redeemed between the dry run and the job."""
        action = self.random.choice(list(FITS))
        wanted, found = self.some()
        await self.apply(action, None, wanted, found, FITS[action])

    async def edit(self) -> None:
        """One attribute or two, on a filter."""
        wanted, found = self.some()
        edits: list[dict[str, Any]] = [
            {"name": self.random.choice(NAMES)},
            {"face_value_fen": self.random.choice([None, 100, 200]), "name": self.random.choice(NAMES)},
            {"valid_until": self.random.choice([None, str(dt.date(2020, 1, 1))])},
            {
                "products": {
                    "mode": self.random.choice(["replace", "add", "remove"]),
                    "product_ids": self.random.sample(self.products, 1),
                }
            },
        ]
        edit = self.random.choice(edits)
        await self.apply("edit", edit, wanted, found, lambda card: self.edited(card, edit) is not None)

    def edited(self, card: Known, edit: dict[str, Any]) -> dict[str, Any] | None:
        """What an edit changes of a card, None where nothing."""
        after: dict[str, Any] = {name: edit[name] for name in ("name", "face_value_fen") if name in edit}
        if "valid_until" in edit:
            after["expired"] = edit["valid_until"] is not None
        if "products" in edit:
            ids = frozenset(edit["products"]["product_ids"])
            modes = {"replace": ids, "add": card.products | ids, "remove": card.products - ids}
            after["products"] = modes[edit["products"]["mode"]]
            if not after["products"]:
                return None
        return after if any(getattr(card, name) != value for name, value in after.items()) else None

    async def apply(
        self,
        action: str,
        edit: dict[str, Any] | None,
        wanted: dict[str, Any],
        found: list[int],
        fits: Callable[[Known], bool],
    ) -> None:
        body = {"filter": wanted, "action": action, **({"edit": edit} if edit else {})}
        answer = await self.staff.client.post("/api/m/cards/selections", json=body)
        if not found:
            assert code(answer) == "nothing_selected"
            return
        selection = ok(answer, 201)
        will = [serial for serial in found if fits(self.cards[serial])]
        assert (selection["count"], selection["will_change"]) == (len(found), len(will)), (action, edit, wanted)
        if not will:
            assert code(await self.staff.apply(selection, expected=1)) in ("nothing_to_change", "password_asked")
            return
        if self.random.random() < 0.3:
            await self.redeem()
            if self.random.random() < 0.5:
                await self.one()
        job = await self.staff.finish(selection)
        assert job["status"] == "done", job
        changed = [serial for serial in found if fits(self.cards[serial])]
        assert job["result"]["changed"] == len(changed), (action, edit, wanted, job)
        assert sum(finding["count"] for finding in job["result"]["unchanged"]) == len(found) - len(changed)
        for serial in changed:
            self.change(serial, action, edit)

    def change(self, serial: int, action: str, edit: dict[str, Any] | None) -> None:
        card = self.cards[serial]
        past = {"activate": "activated", "deactivate": "deactivated", "void": "voided", "restore": "restored"}
        card.changes.append(past.get(action, "edited"))
        if action == "edit":
            assert edit is not None
            for name, value in (self.edited(card, edit) or {}).items():
                setattr(card, name, value)
        elif action == "delete":
            self.gone.append(self.cards.pop(serial).printed)
        elif action == "void":
            card.before_void, card.status = card.status, "void"
        elif action == "restore":
            card.status = card.before_void
        else:
            card.status = {"activate": "active", "deactivate": "inactive"}[action]

    async def one(self) -> None:
        """An action on one card."""
        serial = self.random.choice(list(self.cards))
        action = self.random.choice([action for action in FITS if action != "delete"])
        card = self.cards[serial]
        [listed] = await self.staff.cards(serial_from=serial, serial_to=serial)
        answer = await self.staff.client.post(f"/api/m/cards/{listed['id']}/status", json={"action": action})
        if FITS[action](card):
            ok(answer)
            self.change(serial, action, None)
        else:
            assert code(answer) == "card_action_refused"

    async def redeem(self) -> None:
        """A customer redeems, once or again, a card that there is or was, for a product that is on it or not."""
        if self.gone and self.random.random() < 0.1:
            answer = await desk.redeem(self.shop, self.random.choice(self.gone), self.products[0])
            assert code(answer) == "card_or_password_wrong"
            return
        used = [card for card in self.cards.values() if card.used]
        card = self.random.choice(used if used and self.random.random() < 0.4 else list(self.cards.values()))
        product = self.random.choice(self.products)
        answer = await desk.redeem(self.shop, card.printed, product)
        refusals = {
            "redeemed": "card_already_redeemed",
            "void": "card_void",
            "inactive": "card_inactive",
            "expired": "card_expired",
        }
        if card.state() in refusals:
            assert code(answer) == refusals[card.state()]
        elif product not in card.products:
            assert code(answer) == "product_not_available"
        else:
            ok(answer, 201)
            card.uses_left -= 1

    async def export(self) -> None:
        """What a filter finds, as a sheet."""
        wanted, found = self.some()
        if not found:
            return
        rows = await self.staff.exported(["serial", "number", "password", "status", "uses_left"], **wanted)
        words = {"inactive": "未激活", "active": "已激活", "void": "已作废"}
        assert rows == [
            (serial, card.printed.number, card.printed.password, words[card.status], card.uses_left)
            for serial, card in self.cards.items()
            if serial in set(found)
        ]
        for serial in found:
            self.cards[serial].changes.append("exported")

    async def compare(self) -> None:
        """Fail unless list, figures, orders, storefront and history are the model's."""
        listed = {card["serial"]: card for card in await self.staff.cards()}
        assert sorted(listed) == sorted(self.cards)
        for serial, known in self.cards.items():
            found = listed[serial]
            assert (found["number"], found["name"], found["status"], found["uses_left"], found["uses_total"]) == (
                known.printed.number,
                known.name,
                known.status,
                known.uses_left,
                known.uses_total,
            ), serial
            assert found["face_value_fen"] == known.face_value_fen
            assert frozenset(product["id"] for product in found["products"]) == known.products
            assert found["expired"] is known.expired
            assert not (found["status"] == "void" and found["redeemed"])
        by_status = Counter(card.status for card in self.cards.values())
        redeemed = sum(card.used > 0 for card in self.cards.values())
        assert await self.staff.statistics() == {
            "total": len(self.cards),
            "inactive": by_status["inactive"],
            "active": by_status["active"],
            "void": by_status["void"],
            "redeemed": redeemed,
            "unredeemed": len(self.cards) - redeemed,
            "used_up": sum(card.uses_left == 0 for card in self.cards.values()),
            "expired": sum(card.expired for card in self.cards.values()),
        }
        home = ok(await self.staff.client.get("/api/m/home"))["cards"]
        assert home == {"total": len(self.cards), "active": by_status["active"], "redeemed": redeemed}
        assert await self.orders() == {card.printed.number: card.used for card in self.cards.values() if card.used}
        for serial in self.random.sample(sorted(self.cards), min(3, len(self.cards))):
            known = self.cards[serial]
            view = ok(await desk.check(self.shop, known.printed))
            assert (view["state"], view["uses_left"], len(view["orders"])) == (
                known.state(),
                known.uses_left,
                known.used,
            )
            kinds = [entry["kind"] for entry in await self.staff.history(listed[serial]["id"])][::-1]
            assert kinds[0] == "made"
            assert [kind for kind in kinds[1:] if kind != "redeemed"] == known.changes
            assert kinds.count("redeemed") == known.used

    async def orders(self) -> dict[str, int]:
        """How many orders each card has, each with a use of its own."""

        async def work(session: Session) -> dict[str, int]:
            counted = await session.execute(
                select(Order.card_number, func.count(), func.count(Redemption.use_number.distinct()))
                .join(Redemption, Redemption.order_id == Order.id)
                .where(Order.merchant_id == self.shop.id, Redemption.merchant_id == self.shop.id)
                .group_by(Order.card_number)
            )
            found = {}
            for number, orders, uses in counted:
                assert orders == uses
                found[number] = orders
            return found

        found: dict[str, int] = await self.shop.run(work)
        return found


@pytest.mark.parametrize("round", range(2))
async def test_any_sequence_of_actions_leaves_what_the_model_says(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, round: int
) -> None:
    """Making, importing, changing, redeeming, exporting, deleting in any order, with small steps of the jobs."""
    for name, value in {"CHUNK": 7, "SPAN": 12, "_MOST_RUNS": 2, "_SCATTERED": 3}.items():
        monkeypatch.setattr(changing, name, value)
    products = [(await shop.product()).id for _ in range(3)]
    async with desk.at(shop) as staff:
        sequence = Sequence(shop, staff, products, seed())
        for place in range(STEPS):
            await sequence.step()
            if place % 5 == 0:
                await sequence.compare()
        await sequence.compare()
    assert len(sequence.done) >= 6, sequence.done
