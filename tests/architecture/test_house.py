"""Rules of the house (docs/architecture.md) that no linter knows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from tihuo import app, errors
from tihuo.app import CUSTOMER, PAGES, STAFF
from tihuo.staff.schemas import Permission
from tihuo.web.endpoint import declared_on
from tihuo.web.handler import Handler
from tihuo.web.routes import Route, UndeclaredEndpoint, url_specs

SERVER = Path(app.__file__).parent
FOUNDATIONS = {"db", "web", "jobs", "vault", "sheets", "storage"}
ROOMS = sorted(path.parent for path in SERVER.glob("*/service.py"))
FILES = {"__init__", "service", "queries", "models", "schemas", "errors", "events", "jobs"}
AUDIENCES = {"__init__", "customer", "staff", "partner", "wechat"}
REFUSED_NAMES = {"utils", "helpers", "common", "misc", "base_handler"}
LONGEST = 500
ENDING = {"commit", "rollback", "begin", "begin_nested"}


def sources() -> list[Path]:
    return sorted(SERVER.rglob("*.py"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def every_error() -> list[type[errors.AppError]]:
    found: list[type[errors.AppError]] = []
    waiting = [errors.AppError]
    while waiting:
        children = waiting.pop().__subclasses__()
        found += children
        waiting += children
    return found


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_holds_only_the_files_whose_names_can_be_guessed(room: Path) -> None:
    assert {path.stem for path in room.glob("*.py")} <= FILES
    assert {path.stem for path in (room / "api").glob("*.py")} <= AUDIENCES


def test_nothing_is_called_utils() -> None:
    assert [path for path in sources() if path.stem in REFUSED_NAMES] == []


def test_no_file_is_longer_than_one_reads_in_a_sitting() -> None:
    assert [path for path in sources() if len(path.read_text("utf-8").splitlines()) > LONGEST] == []


def test_only_the_unit_of_work_commits() -> None:
    found = []
    for path in sources():
        if path.name == "unit_of_work.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr in ENDING:
                found.append(f"{path}:{called.lineno}")
    assert found == []


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_query_takes_the_merchant_right_after_the_session(room: Path) -> None:
    """Those that can't are named in tests/factories/scoping.py, where each has its reason."""
    across = {
        ("merchants", "shop_by_slug"),
        ("merchants", "add"),
        ("staff", "by_account"),
        ("staff", "by_id"),
        ("staff", "add"),
    }
    for path in room.glob("queries.py"):
        for function in functions(path):
            names = [argument.arg for argument in function.args.args]
            if function.name.startswith("_") or (room.name, function.name) in across:
                continue
            assert names[:2] == ["session", "merchant_id"], f"{path}: {function.name}"


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_what_locks_says_so_in_its_name(room: Path) -> None:
    for path in room.glob("queries.py"):
        for function in functions(path):
            locks = "with_for_update" in ast.unparse(function)
            assert locks == function.name.endswith("_for_update"), f"{path}: {function.name}"


def test_public_functions_of_services_say_what_they_do() -> None:
    silent = [
        f"{path}: {function.name}"
        for path in SERVER.glob("*/service.py")
        for function in functions(path)
        if not function.name.startswith("_") and not ast.get_docstring(function)
    ]
    assert silent == []


def test_every_endpoint_has_a_summary_and_a_known_permission() -> None:
    for route in [*CUSTOMER, *STAFF, *PAGES]:
        for verb, declared in declared_on(route.handler).items():
            assert declared.summary, f"{verb} {route.path}"
            assert declared.permission in (None, *get_args(Permission)), f"{verb} {route.path}"


def test_audiences_live_under_their_own_prefix() -> None:
    for routes, prefix, audiences in (
        (CUSTOMER, "/api/c/{slug}", {"customer"}),
        (STAFF, "/api/m/", {"staff", "anyone"}),
    ):
        for route in routes:
            assert route.path.startswith(prefix)
            assert {declared.allows for declared in declared_on(route.handler).values()} <= audiences
    open_to_anyone = {
        (verb, route.path)
        for route in STAFF
        for verb, declared in declared_on(route.handler).items()
        if declared.allows == "anyone"
    }
    assert open_to_anyone == {("post", "/api/m/captchas"), ("post", "/api/m/sessions")}


def test_a_handler_that_does_not_say_who_may_call_stops_the_server() -> None:
    class Open(Handler):
        async def get(self) -> None:
            """Nobody said who may call this."""

    with pytest.raises(UndeclaredEndpoint, match=r"Open\.get"):
        url_specs([Route("/open", Open)], {})


def test_refusals_have_a_code_of_their_own_and_a_chinese_sentence() -> None:
    found = every_error()
    codes = [error.code for error in found]
    assert len(codes) == len(set(codes))
    for error in found:
        assert re.fullmatch(r"[a-z][a-z_]+", error.code)
        assert 400 <= error.status < 500 or error.status == 503
        assert re.search(r"[\u4e00-\u9fff]", error.message) or re.fullmatch(r"\{\w+\}", error.message), error


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_every_room_has_tests_of_its_own(room: Path) -> None:
    tests = Path(__file__).parents[1] / room.name
    assert list(tests.glob("test_*.py")), f"tests/{room.name} is empty"


@pytest.mark.parametrize("folder", sorted(FOUNDATIONS))
def test_every_foundation_has_tests_of_its_own(folder: str) -> None:
    assert list((Path(__file__).parents[1] / folder).glob("test_*.py")), f"tests/{folder} is empty"
