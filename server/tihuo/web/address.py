"""The client's address, believing proxies only where the host said so."""

import contextlib
import ipaddress
from collections.abc import Sequence

from tornado.httputil import HTTPServerRequest

from tihuo.settings import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_address(request: HTTPServerRequest, trusted: Sequence[Network]) -> str:
    """The address of whoever speaks to us: the peer's, or the nearest untrusted one that trusted proxies name."""
    chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    address = request.remote_ip or "0.0.0.0"  # noqa: S104 - a name for "unknown", nothing is bound
    with contextlib.suppress(ValueError):
        address = str(_plain(ipaddress.ip_address(address)))
    while chain and _trusted(address, trusted):
        named = chain.pop()
        try:
            address = str(_plain(ipaddress.ip_address(named)))
        except ValueError:
            break
    return address


def _plain(address: Address) -> Address:
    """::ffff:198.51.100.1, as a socket open to both families writes it, is 198.51.100.1."""
    return (isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped) or address


def network_of(address: str) -> str:
    """What counts as one client: an IPv4 address, or the /64 that one IPv6 customer holds."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ipaddress.ip_network(f"{address}/64", strict=False))


def _trusted(address: str, trusted: Sequence[Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        # A Unix socket has no address; only a proxy on this machine speaks through one.
        return bool(trusted)
    return any(parsed.version == network.version and parsed in network for network in trusted)
