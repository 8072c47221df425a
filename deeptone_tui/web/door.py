"""Who may come in: who knows the token, from a page of this server, by a name of this machine."""

import hmac
import ipaddress
import re
from urllib.parse import urlsplit

_HOST = re.compile(
    r"(\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(:[0-9]{1,5})?", re.ASCII | re.IGNORECASE
)
"""A ``Host`` header as browsers write it: what is anything else goes into no page."""
LOCAL_NAMES = frozenset({"localhost", "localhost."})


def knows(token: str, presented: str) -> bool:
    """Whether the presented token is the right one, in a time that tells nothing."""
    return hmac.compare_digest(presented.encode("utf-8", "surrogateescape"), token.encode())


def host_is_ours(host: str | None, own: str) -> bool:
    """Whether a ``Host`` header is one that a browser sends who means this server.

    A page elsewhere can have its own name point to 127.0.0.1 (DNS rebinding), and then reads what
    it likes; but its name stays in the header. So names are refused, other than localhost and the
    one that was given to listen on. Any port will do: SSH forwards change it.

    Args:
        host: the header; None when there is none.
        own: the host that was given to listen on.
    """
    found = _HOST.fullmatch(host or "")
    if found is None:
        return False
    name = (found["address"] or found["name"]).lower()
    if name in LOCAL_NAMES or name == own.lower():
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def origin_is_ours(origin: str | None, host: str | None) -> bool:
    """Whether a websocket is opened by a page of this server; every browser says by which."""
    if origin is None or host is None:
        return False
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()
