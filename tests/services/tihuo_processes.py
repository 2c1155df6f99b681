"""Tihuo's own web and worker processes, as many as a test wants."""

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .ports import HOST, free_port
from .process import ChildProcess, ServiceFailed, service_folder

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class TihuoProcess:
    name: str
    process: ChildProcess
    port: int | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def pid(self) -> int:
        return self.process.pid

    def ready(self) -> bool:
        # A worker serves no port: alive is all that can be asked of it from outside.
        return self.process.alive if self.port is None else answers_200(self.port, "/readyz")

    def start(self, timeout: float = 60.0) -> None:
        self.process.start()
        self.process.wait_ready(self.ready, timeout=timeout)

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
        self.process.kill()

    def restart(self) -> None:
        self.stop()
        self.start()


@dataclass
class TihuoProcesses:
    home: Path
    env: dict[str, str]
    webs: list[TihuoProcess] = field(default_factory=list)
    workers: list[TihuoProcess] = field(default_factory=list)

    @property
    def urls(self) -> list[str]:
        return [web.url for web in self.webs]

    @property
    def ports(self) -> list[int]:
        return [web.port for web in self.webs if web.port is not None]

    @property
    def all(self) -> list[TihuoProcess]:
        return [*self.webs, *self.workers]

    def add_web(self, command: str = "web") -> TihuoProcess:
        """Started, not yet waited for: several start at the same time that way."""
        port = free_port()
        process = self._child(f"{command}-{len(self.webs) + 1}", command, TIHUO_HOST=HOST, TIHUO_PORT=str(port))
        web = TihuoProcess(process.name, process, port)
        self.webs.append(web)
        process.start()
        return web

    def add_worker(self) -> TihuoProcess:
        process = self._child(f"worker-{len(self.workers) + 1}", "worker")
        worker = TihuoProcess(process.name, process)
        self.workers.append(worker)
        process.start()
        return worker

    def wait_ready(self, timeout: float = 60.0) -> None:
        for one in self.all:
            one.process.wait_ready(one.ready, timeout=timeout)

    def stop(self) -> None:
        for one in reversed(self.all):
            one.stop()

    def logs(self) -> str:
        return "\n".join(f"--- {one.name}\n{one.process.log_tail()}" for one in self.all)

    def _child(self, name: str, command: str, **settings: str) -> ChildProcess:
        log = self.home / f"{name}.log"
        return ChildProcess(name, tihuo_command(command), log, env={**self.env, **settings}, cwd=ROOT)


def tihuo_command(*arguments: str | Path) -> list[str]:
    """The `tihuo` that was installed beside this Python, not whichever comes first on the PATH."""
    return [str(Path(sys.executable).with_name("tihuo")), *map(str, arguments)]


def tihuo_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Our environment, with these TIHUO_* variables in place of its own: nobody's settings leak in."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith("TIHUO_")}
    return {**ours, **settings}


def run_tihuo(
    arguments: Sequence[str | Path], settings: Mapping[str, str], *, timeout: float = 120.0, stdin: str = ""
) -> str:
    """Run one `tihuo` command to its end and answer what it printed."""
    done = subprocess.run(
        tihuo_command(*arguments),
        input=stdin,
        capture_output=True,
        text=True,
        env=tihuo_environment(settings),
        cwd=ROOT,
        timeout=timeout,
        check=False,
    )
    if done.returncode != 0:
        shown = " ".join(map(str, arguments))
        raise ServiceFailed(f"tihuo {shown} ended with code {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def answers_200(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def tihuo_processes(
    settings: Mapping[str, str],
    *,
    web: int = 2,
    worker: int = 1,
    folder: Path | None = None,
    web_command: str = "web",
    timeout: float = 60.0,
) -> Iterator[TihuoProcesses]:
    """Start so many processes with these TIHUO_* settings and wait until all are ready.

    Migrate first (`run_tihuo(["migrate"], settings)`): as in production, no process does it by itself.
    `web_command="run"` gives the all-in-one process that `./scripts/run` starts.
    """
    with service_folder("processes", folder) as home:
        processes = TihuoProcesses(home, tihuo_environment(settings))
        try:
            for _ in range(web):
                processes.add_web(web_command)
            for _ in range(worker):
                processes.add_worker()
            processes.wait_ready(timeout)
            yield processes
        finally:
            processes.stop()
