"""Client addresses come from proxy headers only when the proxy is a configured one."""

import ipaddress

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from tihuo.web.address import client_address, network_of

PROXIES = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1/128"))


def request(peer: str, forwarded: str | None) -> HTTPServerRequest:
    headers = HTTPHeaders({"Host": "shop", **({} if forwarded is None else {"X-Forwarded-For": forwarded})})
    made = HTTPServerRequest(start_line=RequestStartLine("GET", "/", "HTTP/1.1"), headers=headers)
    made.remote_ip = peer
    return made


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.5", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "1.2.3.4, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "1.2.3.4, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("10.0.0.5", "not an address", "10.0.0.5"),
        ("10.0.0.5", "", "10.0.0.5"),
        ("::1", "2001:db8::7", "2001:db8::7"),
    ],
)
def test_a_header_is_believed_from_a_configured_proxy_alone(peer: str, forwarded: str | None, address: str) -> None:
    assert client_address(request(peer, forwarded), PROXIES) == address


def test_an_ipv6_customer_counts_as_one() -> None:
    assert network_of("2001:db8:1:2::3") == network_of("2001:db8:1:2:ffff::9")
    assert network_of("2001:db8:1:2::3") != network_of("2001:db8:1:3::3")
    assert network_of("203.0.113.9") == "203.0.113.9"
