"""A private MariaDB in a folder of its own."""

import os
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pymysql

from .ports import HOST, free_port
from .process import ChildProcess, ServiceFailed, program, service_folder

USER = "tihuo"
DRIVER = "mysql+aiomysql"


@dataclass(frozen=True)
class DatabaseServer:
    """Somewhere to make databases: one that we started, or one that was handed in by its URL."""

    host: str
    port: int
    user: str
    password: str
    socket: Path | None = None

    @classmethod
    def from_url(cls, url: str) -> "DatabaseServer":
        parts = urlsplit(url)
        return cls(
            parts.hostname or HOST,
            parts.port or 3306,
            unquote(parts.username or "root"),
            unquote(parts.password or ""),
        )

    def url(self, database: str, *, by_socket: bool = False) -> str:
        sign_in = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@"
        if by_socket and self.socket is not None:
            return f"{DRIVER}://{sign_in}localhost/{database}?unix_socket={quote(str(self.socket), safe='/')}"
        return f"{DRIVER}://{sign_in}{self.host}:{self.port}/{database}"

    def execute(self, statement: str, database: str | None = None) -> list[tuple[Any, ...]]:
        connection = pymysql.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            database=database,
            charset="utf8mb4",
            autocommit=True,
        )
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def answers(self) -> bool:
        try:
            self.execute("SELECT 1")
        except pymysql.err.MySQLError:
            return False
        return True

    def create_database(self, name: str) -> str:
        """An empty database, replacing one of the same name; answers its URL."""
        self.drop_database(name)
        self.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
        return self.url(name)

    def drop_database(self, name: str) -> None:
        if not name.replace("_", "").isalnum():
            raise ValueError(f"not a plain database name: {name!r}")
        self.execute(f"DROP DATABASE IF EXISTS `{name}`")


@dataclass(frozen=True)
class MariaDB(DatabaseServer):
    """A MariaDB of our own, which can also be stopped, killed and started again on the same files."""

    process: ChildProcess | None = None

    @property
    def pid(self) -> int:
        return self._process().pid

    def start(self) -> None:
        process = self._process()
        process.start()
        process.wait_ready(self.answers, timeout=60.0)

    def stop(self) -> None:
        self._process().stop(timeout=30.0)

    def kill(self) -> None:
        self._process().kill()

    def _process(self) -> ChildProcess:
        if self.process is None:
            raise ServiceFailed("this MariaDB is not ours to start or stop")
        return self.process


@contextmanager
def mariadb(
    folder: Path | None = None,
    *,
    buffer_pool: str = "256M",
    settings: Mapping[str, str] | None = None,
) -> Iterator[MariaDB]:
    """Start one from nothing. Every commit is synced, as it must be where cards are worth money."""
    daemon = program("mariadbd", "mysqld")
    install = program("mariadb-install-db", "mysql_install_db")
    with service_folder("mariadb", folder) as home:
        data, socket, log = home / "data", home / "sock", home / "mariadb.log"
        password = secrets.token_urlsafe(12)
        # Started by root it would refuse to run without being told that root is meant.
        as_root = ["--user=root"] if os.geteuid() == 0 else []
        if not data.exists():
            _install(install, data, log, as_root)
        init = home / "init.sql"
        init.write_text(
            f"CREATE USER IF NOT EXISTS '{USER}'@'%';\n"
            f"ALTER USER '{USER}'@'%' IDENTIFIED BY '{password}';\n"
            f"GRANT ALL ON *.* TO '{USER}'@'%' WITH GRANT OPTION;\n",
            encoding="utf-8",
        )
        init.chmod(0o600)
        port = free_port()
        options = {
            "datadir": str(data),
            "tmpdir": str(home),
            "socket": str(socket),
            "pid-file": str(home / "pid"),
            "init-file": str(init),
            "bind-address": HOST,
            "port": str(port),
            "skip-name-resolve": "1",
            "character-set-server": "utf8mb4",
            "collation-server": "utf8mb4_unicode_ci",
            "innodb-flush-log-at-trx-commit": "1",
            "innodb-buffer-pool-size": buffer_pool,
            "innodb-log-file-size": "96M",
            "max-connections": "400",
            "skip-log-bin": "1",
            **{key.replace("_", "-"): value for key, value in (settings or {}).items()},
        }
        argv = [daemon, "--no-defaults", *as_root, *(f"--{key}={value}" for key, value in options.items())]
        server = MariaDB(HOST, port, USER, password, socket, ChildProcess("mariadb", argv, log))
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _install(install: str, data: Path, log: Path, as_root: list[str]) -> None:
    done = subprocess.run(
        [
            install,
            "--no-defaults",
            f"--datadir={data}",
            f"--tmpdir={data.parent}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            *as_root,
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    log.write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode != 0:
        raise ServiceFailed(f"mariadb-install-db ended with code {done.returncode}:\n{done.stdout}{done.stderr}")
