"""A running Tihuo with the built pages, and a Chromium in front of it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect, sync_playwright

from tests.services.chromium import chromium_path
from tests.services.tihuo_processes import ROOT, TihuoProcesses, run_tihuo, tihuo_processes

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A busy machine draws a page late; a page that never comes fails all the same.
expect.set_options(timeout=20_000)
PASSWORD = "Passw0rd-of-e2e"
CAPTCHA = "1234"
# What is printed on cards, whichever process makes the table. Nothing answers there.
PUBLIC_URL = "http://cards.example.test"


@dataclass(frozen=True)
class Site:
    """A server with one merchant that has nothing yet."""

    url: str
    slug: str
    account: str


@pytest.fixture(scope="module")
def processes(
    new_database: Callable[[str], str], redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TihuoProcesses]:
    """On SQLite one process does all; on MariaDB two web processes and a worker."""
    settings = {
        "TIHUO_ENV": "test",
        "TIHUO_CAPTCHA_ANSWER": CAPTCHA,
        "TIHUO_PUBLIC_URL": PUBLIC_URL,
        "TIHUO_DATABASE_URL": new_database("e2e"),
        "TIHUO_REDIS_URL": redis_url,
        "TIHUO_DATA_DIR": str(tmp_path_factory.mktemp("e2e")),
        "TIHUO_OWNER_PASSWORD": PASSWORD,
    }
    assert (ROOT / "h5/dist/index.html").exists(), "the pages are not built; run ./scripts/test e2e"
    run_tihuo(["keys", "init"], settings)
    run_tihuo(["migrate"], settings)
    many = bool(redis_url)
    with tihuo_processes(
        settings, web=2 if many else 1, worker=1 if many else 0, web_command="web" if many else "run"
    ) as running:
        create = ["merchant", "create", "--slug", "orchard", "--name", "果园", "--account", "orchard1"]
        run_tihuo([*create, "--mobile", "13800000000"], settings)
        yield running


@pytest.fixture(scope="module")
def site(processes: TihuoProcesses) -> Site:
    return Site(processes.urls[0], "orchard", "orchard1")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture
def browser(chromium: Playwright) -> Iterator[Browser]:
    started = chromium.chromium.launch(executable_path=chromium_path(), args=FLAGS)
    yield started
    started.close()


class Watch:
    """Notes every error that a page prints; a journey ends with none."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def on(self, page: Page) -> Page:
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._note(page, message))
        return page

    def _note(self, page: Page, message: ConsoleMessage) -> None:
        # Chromium prints a line for every answer of 400 and above; those are looked at where they are caused.
        if message.type == "error" and not re.search(r"the server responded with a status of 4\d\d", message.text):
            self.errors.append(f"{page.url}: {message.text}")


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fails the test at its end if a page printed an error."""
    noted = Watch()
    yield noted
    assert noted.errors == []
