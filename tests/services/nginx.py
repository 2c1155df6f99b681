"""nginx with the project's own site file, config/nginx.conf, rendered for the test's ports."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .ports import HOST, free_port, listens
from .process import ChildProcess, ServiceFailed, program, service_folder

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "config" / "nginx.conf"
MIME_TYPES = Path("/etc/nginx/mime.types")

# What Debian's /etc/nginx/nginx.conf gives around a site, less whatever would need root or a fixed place.
AROUND = """\
daemon off;
worker_processes 1;
pid {home}/nginx.pid;
error_log {home}/error.log info;
{user}
events {{ worker_connections 1024; }}
http {{
    {types}
    default_type application/octet-stream;
    access_log {home}/access.log;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    include {home}/site.conf;
}}
"""


@dataclass(frozen=True)
class Nginx:
    port: int
    home: Path
    process: ChildProcess

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


def render_site(*, listen: str, server_name: str, web_ports: Sequence[int], root: Path) -> str:
    """The site file with its ${TIHUO_…} variables filled in, as envsubst would.

    Only those are ours ($host and the like are nginx's own); one that nobody knows is a KeyError.
    """
    values = {
        "TIHUO_LISTEN": listen,
        "TIHUO_SERVER_NAME": server_name,
        "TIHUO_UPSTREAM": " ".join(f"server {HOST}:{port};" for port in web_ports),
        "TIHUO_ROOT": str(root),
    }
    return re.sub(r"\$\{(TIHUO_[A-Z_]+)\}", lambda found: values[found[1]], SITE.read_text(encoding="utf-8"))


@contextmanager
def nginx(web_ports: Sequence[int], folder: Path | None = None, *, root: Path = ROOT) -> Iterator[Nginx]:
    """Start nginx in front of the given web processes; static files come from `root`."""
    binary = program("nginx")
    with service_folder("nginx", folder) as home:
        port = free_port()
        types = (
            f"include {MIME_TYPES};"
            if MIME_TYPES.exists()
            else "types { text/html html; text/css css; text/javascript js; }"
        )
        site = render_site(listen=f"{HOST}:{port}", server_name="_", web_ports=web_ports, root=root)
        (home / "site.conf").write_text(site, encoding="utf-8")
        conf = home / "nginx.conf"
        # Started by root its workers would become www-data, who may not read a checkout in a private folder.
        user = "user root;" if os.geteuid() == 0 else ""
        conf.write_text(AROUND.format(home=home, user=user, types=types), encoding="utf-8")
        process = ChildProcess("nginx", [binary, "-p", home, "-c", conf, "-e", home / "error.log"], home / "nginx.log")
        try:
            process.start()
            process.wait_ready(lambda: listens(port), timeout=15.0)
            yield Nginx(port, home, process)
        except ServiceFailed as failure:
            errors = home / "error.log"
            raise ServiceFailed(f"{failure}\n{errors.read_text() if errors.exists() else ''}") from failure
        finally:
            process.stop()
