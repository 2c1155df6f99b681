"""The host's command: what it makes, and what it says when something is missing."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tihuo.cli import main
from tihuo.jobs.runner import Runner


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, and no TIHUO_ variable but those that point there."""
    monkeypatch.setenv("TIHUO_ENV", "test")
    monkeypatch.setenv("TIHUO_DATA_DIR", str(tmp_path))
    for name in ("TIHUO_DATABASE_URL", "TIHUO_REDIS_URL", "TIHUO_CONFIG", "TIHUO_CAPTCHA_ANSWER", "TIHUO_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def tihuo(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def create(slug: str = "orchard", account: str = "owner1") -> Result:
    return tihuo(
        "merchant", "create", "--slug", slug, "--name", "果园", "--account", account, "--mobile", "13800000000"
    )


def test_a_merchant_and_its_owner_are_made(folder: Path) -> None:
    assert tihuo("migrate").exit_code == 0
    made = create()
    assert made.exit_code == 0, made.output
    assert "/c/orchard" in made.output
    assert "password" in made.output


@pytest.mark.parametrize(
    ("slug", "account", "words"),
    [
        ("orchard", "owner2", "短名称 orchard 已被使用"),
        ("pear", "owner1", "账号 owner1 已被使用"),
        ("Bad Slug", "owner2", "只能用小写字母"),
        ("pear", "店主", "只能用字母和数字"),
    ],
)
def test_a_wrong_merchant_is_refused_whole(folder: Path, slug: str, account: str, words: str) -> None:
    tihuo("migrate")
    assert create().exit_code == 0
    refused = create(slug, account)
    assert refused.exit_code == 1
    assert words in refused.output
    assert create("pear", "owner2").exit_code == 0


def test_a_database_without_tables_says_what_to_run(folder: Path) -> None:
    refused = create()
    assert refused.exit_code == 1
    assert "tihuo migrate" in refused.output


def test_the_demo_gives_three_redeemable_cards_again_and_again(folder: Path) -> None:
    first = tihuo("demo")
    assert first.exit_code == 0, first.output
    content = json.loads((folder / "demo.json").read_text())
    assert set(content) == {"storefront", "admin", "staff", "cards"}
    assert [set(card) for card in content["cards"]] == [{"number", "password"}] * 3
    assert tihuo("demo").exit_code == 0
    assert json.loads((folder / "demo.json").read_text()) == content


def test_a_lost_note_of_the_demo_is_written_anew(folder: Path) -> None:
    tihuo("demo")
    before = json.loads((folder / "demo.json").read_text())
    (folder / "demo.json").unlink()
    assert tihuo("demo").exit_code == 0
    after = json.loads((folder / "demo.json").read_text())
    assert after["staff"]["password"] != before["staff"]["password"]
    assert after["cards"] == before["cards"]


def test_a_demo_that_was_interrupted_before_its_cards_were_made_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was asked for is made by the next one, and not asked for twice."""

    async def interrupted(_: Runner) -> int:
        raise RuntimeError("interrupted")

    with monkeypatch.context() as patch:
        patch.setattr(Runner, "drain", interrupted)
        assert tihuo("demo").exit_code != 0
    assert not (folder / "demo.json").exists()
    again = tihuo("demo")
    assert again.exit_code == 0, again.output
    assert len(json.loads((folder / "demo.json").read_text())["cards"]) == 3
    with closing(sqlite3.connect(folder / "tihuo.sqlite3")) as database:
        assert database.execute("SELECT status, quantity FROM batches").fetchall() == [("ready", 20)]
        assert database.execute("SELECT count(*) FROM cards").fetchall() == [(20,)]


def test_the_captchas_answer_is_fixed_in_tests_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIHUO_CAPTCHA_ANSWER", "1234")
    for env in ("demo", "production"):
        monkeypatch.setenv("TIHUO_ENV", env)
        monkeypatch.setenv("TIHUO_PUBLIC_URL", "https://cards.example.com")
        for command in ("run", "web", "worker", "check"):
            refused = tihuo(command)
            assert refused.exit_code == 1
            assert "TIHUO_CAPTCHA_ANSWER" in refused.output


def test_production_wants_its_public_address_and_its_keys(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIHUO_ENV", "production")
    assert "TIHUO_PUBLIC_URL" in tihuo("web").output
    monkeypatch.setenv("TIHUO_PUBLIC_URL", "https://cards.example.com")
    assert "tihuo keys init" in tihuo("web").output
    assert tihuo("keys", "init").exit_code == 0
    assert "left as it is" in tihuo("keys", "init").output
    assert "tihuo migrate" in tihuo("check").output or "no such table" in tihuo("check").output
    tihuo("migrate")
    assert tihuo("check").exit_code == 0
    assert "for TIHUO_ENV=demo or test" in tihuo("demo").output


def test_example_secrets_stop_production(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIHUO_ENV", "production")
    monkeypatch.setenv("TIHUO_PUBLIC_URL", "https://cards.example.com")
    monkeypatch.setenv("TIHUO_DATABASE_URL", "mysql+aiomysql://tihuo:change-me@localhost/tihuo")
    refused = tihuo("web")
    assert refused.exit_code == 1
    assert "change-me" in refused.output
