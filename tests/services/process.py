"""One child process: its log, its readiness, its end."""

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


class ServiceFailed(RuntimeError):
    """A server could not be started, or ended when it should not have."""


class ServiceMissing(ServiceFailed):
    """The program is not installed here."""


def program(*names: str) -> str:
    """The first of these that is installed. Debian keeps servers in /usr/sbin, not on a plain user's PATH."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    for name in names:
        found = shutil.which(name, path=path)
        if found:
            return found
    raise ServiceMissing(f"{' or '.join(names)} is not installed")


@contextmanager
def service_folder(name: str, folder: Path | None = None) -> Iterator[Path]:
    """The given folder, which is kept; or a temporary one, removed afterwards.

    Not below pytest's tmp_path: a Unix socket's path may have 107 bytes at most.
    """
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    made = Path(tempfile.mkdtemp(prefix=f"tihuo-{name}-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


class ChildProcess:
    """A server in a session of its own, so that Ctrl-C reaches us alone and we end it in order."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str | Path],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._argv = [str(part) for part in argv]
        self._env = dict(env) if env is not None else None
        self._cwd = cwd
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._popen is None:
            raise ServiceFailed(f"{self.name} was not started")
        return self._popen.pid

    @property
    def alive(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    @property
    def returncode(self) -> int | None:
        return None if self._popen is None else self._popen.poll()

    def start(self) -> None:
        if self.alive:
            raise ServiceFailed(f"{self.name} already runs")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(
                [*_dies_with_us(), *self._argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._env,
                cwd=self._cwd,
                start_new_session=True,
            )
        _running.add(self)

    def wait_ready(self, ready: Callable[[], bool], timeout: float = 30.0) -> None:
        deadline = time.monotonic() + timeout
        while not ready():
            if not self.alive:
                raise ServiceFailed(f"{self.name} ended with code {self.returncode}:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                self.stop()
                raise ServiceFailed(f"{self.name} was not ready after {timeout:.0f} s:\n{self.log_tail()}")
            time.sleep(0.05)

    def stop(self, timeout: float = 15.0) -> None:
        """Ask it to end, and end it by force if it does not."""
        self._end(signal.SIGTERM, timeout)

    def kill(self) -> None:
        """End it with no chance to tidy up, as a power cut would."""
        self._end(signal.SIGKILL, 5.0)

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def log_tail(self, lines: int = 30) -> str:
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def _signal(self, number: signal.Signals) -> None:
        # poll() first, under Popen's own care: a pid that was already reaped may belong to somebody else.
        if self.alive and self._popen is not None:
            self._popen.send_signal(number)

    def _end(self, number: signal.Signals, timeout: float) -> None:
        if self._popen is None:
            return
        self._signal(number)
        try:
            self._popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait(5.0)
        _running.discard(self)


def _dies_with_us() -> list[str]:
    """A prefix that lets the kernel end the child when we are killed without a chance to do it ourselves.

    The kernel ties this to the *thread* that started the child, so it is left out in any but the main one.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None or threading.current_thread() is not threading.main_thread():
        return []
    return [setpriv, "--pdeathsig", "KILL"]


_running: set[ChildProcess] = set()


@atexit.register
def _end_all() -> None:
    for child in list(_running):
        child.stop(timeout=5.0)
