"""The documents in server/openapi are what the code writes, and each is a valid one."""

from pathlib import Path

import orjson
import pytest

from tests.factories.shops import Shop
from tihuo.app import DOCUMENTS
from tihuo.settings import ROOT


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_committed_document_is_todays(name: str) -> None:
    committed = (ROOT / "server" / "openapi" / name).read_bytes()
    written = orjson.dumps(DOCUMENTS[name](), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
    assert committed == written, "run: tihuo openapi"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_reference_leads_somewhere(name: str) -> None:
    document = DOCUMENTS[name]()
    text = orjson.dumps(document).decode()
    referred = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred <= set(document["components"]["schemas"])
    identifiers = [found["operationId"] for verbs in document["paths"].values() for found in verbs.values()]
    assert len(identifiers) == len(set(identifiers))


async def test_the_documents_are_shown(shop: Shop) -> None:
    async with shop.customer() as browser:
        page = (await browser.get("/api/docs")).text
        assert "/api/c/{slug}/redemptions" in page
        assert "card_already_redeemed" in page
        for name in DOCUMENTS:
            assert (await browser.get(f"/api/docs/{name}")).json()["openapi"] == "3.1.0"
        assert (await browser.get("/api/docs/other.json")).status_code == 404


def test_no_secret_has_a_place_in_an_answer() -> None:
    """Spec N: no shape that we answer with has room for a card's password, its MAC or an account's hash."""
    # How a batch's passwords were drawn; whether an action asks for the account's own.
    harmless = {"Batch": ["password_length", "password_alphabet"], "Selection": ["needs_password"]}
    for write in DOCUMENTS.values():
        for name, schema in write()["components"]["schemas"].items():
            if name.endswith("In") or name in ("StaffNew", "StaffChange"):
                continue
            found = [field for field in schema.get("properties", {}) if "password" in field or "mac" in field]
            assert found == harmless.get(name, []), name
            if name == "Selection":
                assert schema["properties"]["needs_password"]["type"] == "boolean"


def test_the_folder_holds_nothing_else() -> None:
    assert {path.name for path in Path(ROOT / "server" / "openapi").iterdir()} == set(DOCUMENTS)
