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
ROOMS = sorted(
    {path.parent for path in SERVER.glob("*/service.py")}
    | {path.parents[1] for path in SERVER.glob("*/service/__init__.py")}
)
FILES = {"__init__", "service", "queries", "models", "schemas", "errors", "events", "jobs"}
# Its tables belong to merchants as a room's do, though it is no room.
WITH_QUERIES = [*ROOMS, SERVER / "jobs"]
AUDIENCES = {"__init__", "customer", "staff", "partner", "wechat"}
REFUSED_NAMES = {"utils", "helpers", "common", "misc", "base_handler"}
LONGEST = 500
ENDING = {"commit", "rollback", "begin", "begin_nested"}


def sources() -> list[Path]:
    return sorted(SERVER.rglob("*.py"))


def module(room: Path, name: str) -> list[Path]:
    """The files of a room's module: one, or those of the package that it was split into by subject."""
    return [*room.glob(f"{name}.py"), *sorted(room.glob(f"{name}/*.py"))]


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
    """A file, or a package of the same name; what is in such a package is named by its subject."""
    files = {path.stem for path in room.glob("*.py")}
    packages = {path.parent.name for path in room.glob("*/*.py")}
    assert files <= FILES
    assert packages - {"api"} <= FILES - {"__init__"}
    assert not files & packages
    assert list(room.glob("*/*/**/*.py")) == []
    assert all((room / package / "__init__.py").exists() for package in packages)
    assert {path.stem for path in (room / "api").glob("*.py")} <= AUDIENCES


def test_rooms_that_were_split_are_rooms_too() -> None:
    """The control of what goes over rooms: they are found whichever way they are written."""
    assert {room.name for room in ROOMS} >= {"cards", "orders"}
    assert [path.name for path in module(SERVER / "orders", "queries")] == ["queries.py"]
    assert {path.stem for path in module(SERVER / "cards", "queries")} >= {"__init__", "finding", "making"}
    assert not {room.name for room in ROOMS} & FOUNDATIONS


def test_nothing_is_called_utils() -> None:
    assert [path for path in sources() if path.stem in REFUSED_NAMES] == []


def test_no_file_is_longer_than_one_reads_in_a_sitting() -> None:
    assert [path for path in sources() if len(path.read_text("utf-8").splitlines()) > LONGEST] == []


def test_only_the_unit_of_work_commits() -> None:
    # What a connection that is given up had begun is undone where it is given up.
    elsewhere = {("db/engine.py", "rollback")}
    found = []
    for path in sources():
        if path.name == "unit_of_work.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if not isinstance(called, ast.Attribute) or called.attr not in ENDING:
                continue
            if (path.relative_to(SERVER).as_posix(), called.attr) not in elsewhere:
                found.append(f"{path}:{called.lineno}")
    assert found == []


@pytest.mark.parametrize("room", WITH_QUERIES, ids=lambda room: room.name)
def test_a_query_takes_the_merchant_right_after_the_session(room: Path) -> None:
    """Whatever can run a statement. Those that can't are named in tests/factories/scoping.py too, with the reason."""
    across = {
        ("merchants", "shop_by_slug"),
        ("merchants", "add"),
        ("staff", "by_account"),
        ("staff", "by_id"),
        ("staff", "add"),
        # Work and files of all merchants are taken up, or cleared away, by whoever has time; a row names its merchant.
        ("jobs", "next_open"),
        ("jobs", "claim"),
        ("jobs", "files_to_erase"),
        ("cards", "forget_selections"),
        ("redemption", "forget_wrong_tries"),
        ("redemption", "blocks_to_mirror"),
    }
    for path in module(room, "queries"):
        for function in functions(path):
            names = [argument.arg for argument in function.args.args]
            runs = isinstance(function, ast.AsyncFunctionDef) or "session" in names
            if not runs or function.name.startswith("_") or (room.name, function.name) in across:
                continue
            assert names[:2] == ["session", "merchant_id"], f"{path}: {function.name}"


@pytest.mark.parametrize("room", WITH_QUERIES, ids=lambda room: room.name)
def test_what_locks_says_so_in_its_name(room: Path) -> None:
    for path in module(room, "queries"):
        for function in functions(path):
            locks = "with_for_update" in ast.unparse(function)
            assert locks == function.name.endswith("_for_update"), f"{path}: {function.name}"


def test_public_functions_of_services_say_what_they_do() -> None:
    silent = [
        f"{path}: {function.name}"
        for room in ROOMS
        for path in module(room, "service")
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
