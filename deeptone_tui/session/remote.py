"""An endpoint somewhere else, given by its address."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from deeptone_tui.core.redaction import PARAMETERS, redacted
from deeptone_tui.core.text import is_key
from deeptone_tui.session.target import AddressError, Target, TargetError

_SCHEMES = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}


class RemoteTarget:
    """The provider of an endpoint that is simply there; the same address and key are the same.

    Args:
        url: ``ws://`` or ``wss://`` (``http`` and ``https`` mean the same); a missing path
            becomes ``/stream``. A key in its query is taken out and used as the key.
        api_key: sent in the ``X-Api-Key`` header; wins over a key in the address.

    Raises:
        TargetError: when the address or the key cannot be used.
    """

    def __init__(self, url: str, api_key: str | None = None) -> None:
        redacted.learn_address(url)  # first: what is wrong with it may be told
        clean_url, key_in_url = _split_key(url.strip())
        key = api_key or key_in_url
        if key and not is_key(key):
            raise TargetError("the API key must be one word of printable ASCII characters")
        self._target = Target(clean_url, key)

    def __eq__(self, other: object) -> bool:
        """Whether it is the same endpoint, chosen again."""
        return isinstance(other, RemoteTarget) and other._target == self._target

    def __hash__(self) -> int:
        """As equality has it."""
        return hash(self._target)

    @property
    def fixed(self) -> Target:
        """The endpoint, which is always the same."""
        return self._target

    @property
    def label(self) -> str:
        """Host of the address, with the port where it is given."""
        return where(self._target.url)

    @property
    def ours(self) -> bool:
        """Never known to be our own endpoint, so its silence is measured, not assumed."""
        return False

    async def target(self) -> Target:
        """The endpoint, at once."""
        return self._target

    async def close(self) -> None:
        """Nothing to release."""


def where(url: str) -> str:
    """Host and port of an address, for people: neither path, query, user nor password."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _split_key(url: str) -> tuple[str, str | None]:
    """The address without the key, and the key."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        # The text itself is not repeated: it may hold a key.
        raise AddressError("the URL must look like wss://HOST/stream or ws://HOST:PORT/stream")
    query = parse_qsl(parts.query, keep_blank_values=True)
    for name, _ in query:
        if name in PARAMETERS:
            raise TargetError(f"{name} belongs into its own option, not into the URL")
    key = next((value for name, value in query if name == "api_key"), None)
    rest = urlencode([(name, value) for name, value in query if name != "api_key"])
    path = parts.path if parts.path not in ("", "/") else "/stream"
    return urlunsplit((_SCHEMES[parts.scheme], parts.netloc, path, rest, "")), key
