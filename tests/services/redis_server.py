"""A private Redis in a folder of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from .ports import HOST, free_port
from .process import ChildProcess, program, service_folder


@dataclass(frozen=True)
class RedisServer:
    port: int
    process: ChildProcess

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    @property
    def pid(self) -> int:
        return self.process.pid

    def answers(self) -> bool:
        client = redis.Redis(host=HOST, port=self.port, socket_timeout=2.0)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def start(self) -> None:
        self.process.start()
        self.process.wait_ready(self.answers, timeout=30.0)

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
        self.process.kill()

    def restart(self) -> None:
        """End it and start it on the same port and files: with `appendonly` it then knows what it knew."""
        self.stop()
        self.start()


@contextmanager
def redis_server(folder: Path | None = None, *, appendonly: bool = False) -> Iterator[RedisServer]:
    """Start one. Without `appendonly` it keeps nothing on disk, which is what most tests want."""
    binary = program("redis-server")
    with service_folder("redis", folder) as home:
        port = free_port()
        argv = [
            binary,
            "--bind",
            HOST,
            "--port",
            str(port),
            "--dir",
            str(home),
            "--save",
            "",
            "--daemonize",
            "no",
        ]
        if appendonly:
            argv += ["--appendonly", "yes", "--appendfsync", "always"]
        server = RedisServer(port, ChildProcess("redis", argv, home / "redis.log"))
        try:
            server.start()
            yield server
        finally:
            server.stop()
