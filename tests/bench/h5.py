"""The customer's first load: bytes, and what Lighthouse says of it on a mobile phone."""

import gzip
import http.client
import json
import os
import re
import statistics
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from tests.services.chromium import chromium_path
from tests.services.process import service_folder
from tests.services.tihuo_processes import ROOT, run_tihuo, tihuo_processes

from .figures import Figure

RUNS = 3
FIRST_LOAD_KB = "<= 60"
CHROME_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
# Scripts and style sheets that index.html itself asks for, modulepreload included.
REFERENCES = re.compile(r"""<(?:script|link)\b[^>]*?\b(?:src|href)=["']([^"']+\.(?:js|css))["']""")


def measure() -> list[Figure]:
    with service_folder("bench") as home:
        settings = {"TIHUO_ENV": "test", "TIHUO_DATA_DIR": str(home)}
        run_tihuo(["demo"], settings)
        with tihuo_processes(settings, web=1, worker=0, folder=home / "processes", web_command="run") as tihuo:
            page = f"{tihuo.urls[0]}/c/demo"
            files = REFERENCES.findall(_get(page)[1].decode())
            if not files:
                raise RuntimeError(f"{page} asks for no script or style sheet: is the H5 built?")
            built = sum(len(gzip.compress(_on_disk(name).read_bytes(), 9)) for name in files)
            served = sum(_get(f"{tihuo.urls[0]}{name}")[0] for name in files)
            performance, accessibility = _lighthouse(page, home)
    return [
        Figure("h5.first_load", built / 1000, "kB gzip", FIRST_LOAD_KB),
        Figure("h5.first_load_as_served", served / 1000, "kB", FIRST_LOAD_KB),
        Figure("h5.lighthouse_performance", performance, "points", ">= 95"),
        Figure("h5.lighthouse_accessibility", accessibility, "points", ">= 100"),
    ]


def _on_disk(name: str) -> Path:
    return ROOT / "h5" / "dist" / name.removeprefix("/h5/")


def _get(url: str) -> tuple[int, bytes]:
    """Bytes that came over the wire, and the content."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        connection.request("GET", parts.path, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        sent = answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"GET {url}: {answer.status}")
        return len(sent), gzip.decompress(sent) if answer.getheader("Content-Encoding") == "gzip" else sent
    finally:
        connection.close()


def _lighthouse(page: str, home: Path) -> tuple[float, float]:
    """The median performance, since that varies with the machine's load; the worst accessibility."""
    performance: list[float] = []
    accessibility: list[float] = []
    for run in range(RUNS):
        report = home / f"lighthouse-{run}.json"
        subprocess.run(
            [
                os.environ["TIHUO_LIGHTHOUSE"],
                page,
                "--quiet",
                "--output=json",
                f"--output-path={report}",
                "--only-categories=performance,accessibility",
                "--form-factor=mobile",
                f"--chrome-flags={CHROME_FLAGS}",
            ],
            env={**os.environ, "CHROME_PATH": chromium_path()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=True,
        )
        categories = json.loads(report.read_text(encoding="utf-8"))["categories"]
        performance.append(categories["performance"]["score"] * 100)
        accessibility.append(categories["accessibility"]["score"] * 100)
    return statistics.median(performance), min(accessibility)
