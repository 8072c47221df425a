"""Addresses of endpoints: one reading and one way to show them, wherever one is typed or kept."""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from deeptone_tui.core.loopback import is_loopback
from deeptone_tui.core.redaction import PARAMETERS, SHORTEST_CHARS, redacted
from deeptone_tui.core.text import KEY_RULE, is_key

LOCAL: Final = "local"
"""What stands for the local endpoint where an address is expected."""
DEFAULT_PATH: Final = "/stream"
PLACEHOLDER: Final = "YOUR_API_KEY"
"""What the documentation writes where a key belongs."""
_KEY_NAME: Final = "api_key"
_SCHEMES: Final = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}
_SECRET_NAME: Final = re.compile(r"key|token|secret|pass|auth|sign|credential", re.IGNORECASE)
"""Names in a query whose values are nobody else's business."""
_PATH_CHARACTERS: Final = "/%:@!$&'()*+,;=~-._"


class AddressError(ValueError):
    """A text that is no usable address: one line that never repeats it, for it may hold a key."""


class NotAnAddressError(AddressError):
    """A text that has not got the shape of an address."""


@dataclass(frozen=True, slots=True)
class EndpointAddress:
    """Where an endpoint is, and the key that stood in its address."""

    url: str
    """``ws://`` or ``wss://`` with a path, and the query without the key."""
    api_key: str | None = field(default=None, repr=False)

    @property
    def whole(self) -> str:
        """The same as one text."""
        if self.api_key is None:
            return self.url
        mark = "&" if "?" in self.url else "?"
        return f"{self.url}{mark}{urlencode({_KEY_NAME: self.api_key})}"


def parse_address(text: str) -> EndpointAddress:
    """Read the address of an endpoint.

    ``http`` and ``https`` mean ``ws`` and ``wss``; where there is no path, it is ``/stream``; a key
    in the query is taken out. Its secrets are learned by the redactor.

    Args:
        text: as it was typed, in an option, a variable, a file or a dialog.

    Raises:
        NotAnAddressError: when it has not got the shape of one.
        AddressError: when something in it has no place there.
    """
    url = text.strip()
    redacted.learn_address(url)
    if " " in url or not url.isprintable():
        raise AddressError("an address holds no spaces, line ends or invisible characters")
    try:
        parts = urlsplit(url)
        host_usable = _is_host(parts.hostname or "") and "\\" not in parts.netloc
        usable = parts.scheme in _SCHEMES and parts.port != 0 and host_usable
    except ValueError:
        usable = False
    if not usable:
        raise NotAnAddressError("an address looks like wss://HOST/stream or ws://HOST:PORT/stream")
    if "#" in url:
        raise AddressError("an address of a websocket has no '#'")
    query = parse_qsl(parts.query, keep_blank_values=True)
    for name, _ in query:
        if name in PARAMETERS:
            raise AddressError(f"{name} belongs in its own option, not in the address")
    key = next((value for name, value in query if name == _KEY_NAME), None) or None
    if key is not None and not is_key(key):
        raise AddressError(KEY_RULE)
    rest = urlencode([(name, value) for name, value in query if name != _KEY_NAME])
    path = DEFAULT_PATH if parts.path in {"", "/"} else parts.path
    return EndpointAddress(urlunsplit((_SCHEMES[parts.scheme], parts.netloc, path, rest, "")), key)


def parse_endpoint(text: str) -> str:
    """Return the address of an endpoint in one spelling, or `LOCAL` as it is.

    Raises:
        AddressError: as `parse_address` does.
    """
    return LOCAL if text == LOCAL else parse_address(text).whole


def host_and_port(url: str) -> str:
    """Return host and port of an address, as written: neither path, query, user nor password."""
    return urlsplit(url).netloc.rpartition("@")[2]


def displayed(url: str) -> str:
    """Return an address as it may be shown: without user, password, query and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, host_and_port(url), parts.path, "", ""))


def exported(url: str) -> str:
    """Return an address as it may be passed on, in one spelling.

    User, password and key are gone; what else in the query is called like a secret, or is long
    enough to be one by any name, has the placeholder for its value.
    """
    url = url.strip()
    parts = urlsplit(url)
    pairs = [
        (name, PLACEHOLDER if _SECRET_NAME.search(name) or len(value) >= SHORTEST_CHARS else value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name != _KEY_NAME
    ]
    scheme = _SCHEMES.get(parts.scheme, parts.scheme)
    path = "" if parts.path in {"", "/"} else quote(parts.path, safe=_PATH_CHARACTERS)
    return urlunsplit((scheme, host_and_port(url), path or DEFAULT_PATH, urlencode(pairs), ""))


def holds_secret(url: str) -> bool:
    """Return whether user, password or a key of any name stand in an address."""
    parts = urlsplit(url)
    names = (name for name, _ in parse_qsl(parts.query))
    return "@" in parts.netloc or any(_SECRET_NAME.search(name) for name in names)


def on_loopback(url: str) -> bool:
    """Return whether the host of an address is this machine's loopback."""
    return is_loopback(urlsplit(url).hostname or "")


def is_readable_on_the_way(url: str) -> bool:
    """Return whether what goes to an address crosses a network without encryption."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
    except ValueError:
        return False
    return _SCHEMES.get(parts.scheme) == "ws" and not is_loopback(host)


def _is_host(host: str) -> bool:
    """Return whether it is a numeric address or a name that can be looked up.

    Raises:
        ValueError: when it is none (UnicodeError).
    """
    if ":" not in host:
        host.removesuffix(".").encode("idna")  # empty and overlong labels
    return bool(host)
