"""The proxy on the way to a chat platform, by the environment."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from bot.errors import ChatError

# A websocket has no variable of its own; it begins as HTTPS or HTTP.
_VARIABLES = {"wss": ("https", "http"), "ws": ("https", "http")}


def proxy_of(platform: str, url: str) -> str | None:
    """Return the proxy that HTTPS_PROXY and NO_PROXY (or the system) want for this address, if any.

    Raises ChatError where it is of a kind that cannot be used. The sentence does not repeat the proxy's
    address: a password may be in it.
    """
    parts = urlsplit(url)
    if proxy_bypass(parts.netloc):
        return None
    proxies = getproxies()
    for name in _VARIABLES.get(parts.scheme, (parts.scheme,)):
        if found := proxies.get(name):
            return _usable(found, platform, name)
    return None


def _usable(found: str, platform: str, name: str) -> str:
    address = found if "://" in found else f"http://{found}"
    if not address.startswith(("http://", "https://")):
        raise ChatError(
            f"{platform} cannot be reached through the proxy that {name.upper()}_PROXY names: "
            "only `http://` proxies can be used.",
            permanent=True,
        )
    return address
