"""Every check that runs nothing of the product: linters, types, walls, generated files kept current.

    check.py [NAME …]      all of them, or those whose name contains one of the words

Independent ones run side by side; each prints one line, and its output only if it fails.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
FRONTS = ("h5", "admin", "miniprogram")

Result = tuple[bool, str]


@dataclass(frozen=True)
class Check:
    name: str
    run: Callable[[], Result]
    weight: int = 1  # the slow ones start first


@dataclass
class Command:
    argv: list[str | Path]
    cwd: Path = ROOT
    env: dict[str, str] = field(default_factory=dict)

    def __call__(self) -> Result:
        done = subprocess.run(
            [str(part) for part in self.argv],
            cwd=self.cwd,
            env={**os.environ, **self.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode == 0, done.stdout


def openapi_is_current() -> Result:
    """The committed documents are what the routes declare today."""
    committed = ROOT / "server" / "openapi"
    with tempfile.TemporaryDirectory() as folder:
        ok, output = Command([BIN / "tihuo", "openapi", "--folder", folder])()
        if not ok:
            return False, output
        made = {file.name: file.read_bytes() for file in Path(folder).iterdir()}
    wrong = [
        name
        for name in sorted(made.keys() | {file.name for file in committed.glob("*.json")})
        if name not in made or not (committed / name).exists() or (committed / name).read_bytes() != made[name]
    ]
    return not wrong, f"server/openapi is out of date: {', '.join(wrong)}; run: .venv/bin/tihuo openapi"


def types_are_current(front: str) -> Callable[[], Result]:
    """A front's types are what openapi-typescript makes of the committed document."""

    def check() -> Result:
        ok, output = Command(["npm", "run", "--silent", "types", "--", "--check"], ROOT / front)()
        return ok, f"{output}run: npm --prefix {front} run types"

    return check


def locks_are_clean() -> Result:
    """Locked and pinned versions are exact and name no registry: whoever installs uses their own."""
    wrong: list[str] = []
    for lock in (ROOT / front / "package-lock.json" for front in FRONTS):
        if not lock.exists():
            wrong.append(f"{lock.relative_to(ROOT)} is missing")
            continue
        for number, line in enumerate(lock.read_text(encoding="utf-8").splitlines(), 1):
            if '"resolved"' in line and "http" in line:
                wrong.append(f"{lock.relative_to(ROOT)}:{number} names a registry")
                break
    pinned: dict[str, str] = {}
    constraints = ROOT / "config" / "constraints.txt"
    for number, line in enumerate(constraints.read_text(encoding="utf-8").splitlines(), 1):
        name, exact, version = line.partition("#")[0].strip().partition("==")
        if name and not (exact and version and "://" not in line):
            wrong.append(f"{constraints.relative_to(ROOT)}:{number} is no exact pin: {line}")
        pinned[canonicalize_name(name)] = version
    missing = sorted(_needed("tihuo", {"", "dev"}) - pinned.keys())
    if missing:
        wrong.append(f"not pinned: {', '.join(missing)}; run: scripts/lib/pin.sh")
    return not wrong, "\n".join(wrong)


def _needed(project: str, extras: set[str]) -> set[str]:
    """Every package that the installed project asks for, directly or through others."""
    found: set[str] = set()
    asked: list[tuple[str, set[str]]] = [(project, extras)]
    while asked:
        name, wanted = asked.pop()
        try:
            lines = requires(name) or []
        except PackageNotFoundError:  # for another platform
            continue
        for line in lines:
            requirement = Requirement(line)
            marker = requirement.marker
            if marker is not None and not any(marker.evaluate({"extra": extra}) for extra in wanted):
                continue
            needed = canonicalize_name(requirement.name)
            if needed not in found:
                found.add(needed)
                asked.append((needed, {"", *requirement.extras}))
    return found


def shell_is_clean() -> Result:
    scripts = [
        path
        for path in [
            *(ROOT / "scripts").glob("*"),
            *(ROOT / "scripts" / "lib").glob("*.sh"),
            ROOT / ".ci" / "run",
        ]
        if path.is_file() and (path.suffix == ".sh" or path.read_bytes().startswith(b"#!/usr/bin/env bash"))
    ]
    return Command([BIN / "shellcheck", "-x", *scripts])()


def checks() -> list[Check]:
    """The whole list. Tools keep their caches where .gitignore knows them."""
    # One run for all Python: the tests import the server, and reading it twice is what takes long.
    mypy: list[str | Path] = [BIN / "mypy", "--no-error-summary", "--explicit-package-bases"]
    listed = [
        Check("ruff", Command([BIN / "ruff", "check", "--quiet", "."])),
        Check("ruff format", Command([BIN / "ruff", "format", "--check", "--quiet", "."])),
        Check("mypy", Command([*mypy, "server/tihuo", "tests", "scripts/lib"]), weight=9),
        Check("walls", Command([BIN / "lint-imports", "--no-cache"], env={"PYTHONPATH": str(ROOT)}), weight=3),
        Check("openapi", openapi_is_current, weight=2),
        Check("shell", shell_is_clean),
        Check("locks", locks_are_clean),
        Check("miniprogram compile", Command(["npm", "run", "--silent", "compile"], ROOT / "miniprogram")),
        Check("miniprogram size", Command(["npm", "run", "--silent", "size"], ROOT / "miniprogram")),
    ]
    for front in FRONTS:
        listed.append(Check(f"{front} types", types_are_current(front)))
        for script in ("lint", "typecheck"):
            listed.append(
                Check(f"{front} {script}", Command(["npm", "run", "--silent", script], ROOT / front), weight=5)
            )
    return listed


def main(words: list[str]) -> int:
    chosen = [one for one in checks() if not words or any(word in one.name for word in words)]
    if not chosen:
        print(f"no check is named {' or '.join(words)}", file=sys.stderr)
        return 2
    started = time.monotonic()
    failed: list[str] = []

    def run(check: Check) -> None:
        begun = time.monotonic()
        try:
            ok, output = check.run()
        except OSError as error:
            ok, output = False, str(error)
        seconds = time.monotonic() - begun
        shown = "" if ok else "\n" + "\n".join(f"    {line}" for line in output.strip().splitlines())
        print(f"{'ok    ' if ok else 'FAILED'} {check.name:20} {seconds:5.1f} s{shown}", flush=True)
        if not ok:
            failed.append(check.name)

    with ThreadPoolExecutor(max_workers=max(2, min(os.cpu_count() or 2, 6))) as pool:
        list(pool.map(run, sorted(chosen, key=lambda one: -one.weight)))
    seconds = time.monotonic() - started
    verdict = (
        f"{len(failed)} of {len(chosen)} checks failed: {', '.join(sorted(failed))}" if failed else "all checks passed"
    )
    print(f"{verdict} ({seconds:.0f} s)")
    return 1 if failed else 0


if __name__ == "__main__":
    if shutil.which("npm") is None:
        print("npm is needed to check the front ends", file=sys.stderr)
    sys.exit(main(sys.argv[1:]))
