"""Which proxy, if any, stands before a server: what was given explicitly, or what the environment says."""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit


def proxy_for(origin: str, explicit: str | None) -> str | None:
    """The proxy's URL for requests to `origin` (scheme://host:port), or None for a direct connection.

    An explicit one wins. Otherwise the standard library reads HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY in either
    case (and the system's settings on macOS and Windows). Raises ValueError for an address that is no proxy's.
    """
    if explicit is not None:
        return _checked(explicit, "proxy=")
    if sys.platform not in ("win32", "darwin") and not any(name.lower().endswith("_proxy") for name in os.environ):
        return None  # the usual case: nothing to import
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(origin)
    proxies = getproxies()
    address = proxies.get(parts.scheme) or proxies.get("all")
    if not address or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    return _checked(address, f"{parts.scheme.upper()}_PROXY")


def _checked(address: str, source: str) -> str:
    if "://" not in address:
        address = f"http://{address}"
    parts = urlsplit(address)
    try:
        valid = parts.scheme in ("http", "https", "socks5", "socks5h", "socks4", "socks4a") and bool(parts.hostname)
        valid = valid and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if not valid:
        shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        raise ValueError(f"{source} is {shown!r}, which is no proxy address; it looks like http://host:port")
    return address
