"""Where a request comes from."""

from ipaddress import ip_address, ip_network

from django.http import HttpRequest
from rest_framework.throttling import BaseThrottle


def network_of(request: HttpRequest) -> str:
    """The client's IPv4 address or IPv6 /64 (one connection has all of it), as the proxies that we trust tell it.

    How many those are is the setting PROXY_COUNT: what a client writes into X-Forwarded-For itself is passed over.
    """
    text = BaseThrottle().get_ident(request) or ""  # type: ignore[arg-type]
    try:
        address = ip_address(text)
    except ValueError:
        return text[:100]
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else text
