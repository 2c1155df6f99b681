"""The client that benches work with does what staff do: make cards, have them exported, change one."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench.merchant import exported_cards, sheet_rows
from tests.services.staff_client import CAPTCHA, Staff
from tests.services.tihuo_processes import run_tihuo, tihuo_processes


@pytest.fixture
def settings(new_database: Callable[[str], str], redis_url: str, tmp_path: Path) -> dict[str, str]:
    """A demo merchant's, whose server is to be started."""
    found = {
        "TIHUO_ENV": "test",
        "TIHUO_CAPTCHA_ANSWER": CAPTCHA,
        "TIHUO_DATABASE_URL": new_database("staff_client"),
        "TIHUO_REDIS_URL": redis_url,
        "TIHUO_DATA_DIR": str(tmp_path),
    }
    run_tihuo(["migrate"], found)
    run_tihuo(["demo"], found)
    return found


def test_cards_are_made_exported_and_changed(settings: dict[str, str], tmp_path: Path) -> None:
    """Over real processes: what is asked for is done by a worker, and waited for."""
    account = json.loads((tmp_path / "demo.json").read_text("utf-8"))["staff"]
    many = bool(settings["TIHUO_REDIS_URL"])
    with (
        tihuo_processes(settings, web=1, worker=1 if many else 0, web_command="web" if many else "run") as running,
        Staff(running.urls[0], account) as staff,
    ):
        batch_id = staff.make_cards(3)
        content = staff.export(batch_id)
        number = exported_cards(content)[0].number
        staff.change_status(number, "void")
        with pytest.raises(RuntimeError, match="card_action_refused"):
            staff.change_status(number, "void")
    head, *rows = sheet_rows(content)
    assert head == ("卡序号", "卡号", "密码", "提货链接")
    assert len({row[1] for row in rows}) == len({row[2] for row in rows}) == 3
    assert all(str(row[3]).endswith(f"/c/demo/{row[1]}") for row in rows)
