"""Who may open a stream."""

import hmac
from collections.abc import Mapping

KEY_HEADER = "X-Api-Key"
KEY_PARAMETER = "api_key"


def presented_key(headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
    """The key that a client shows, or None.

    The header wins over the query, because it is the one that no proxy writes into its log. A
    bearer token is the way of Prometheus and of other scrapers.

    Args:
        headers: of the handshake; a mapping that ignores case.
        query: decoded parameters of the address.
    """
    header = headers.get(KEY_HEADER)
    if header is not None:
        return header
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else query.get(KEY_PARAMETER)


def admits(api_key: str | None, presented: str | None) -> bool:
    """Whether the shown key opens a server with this one; without one it is open.

    Takes the same time however much of a wrong key is right.
    """
    if api_key is None:
        return True
    if presented is None:
        return False
    shown = presented.encode("utf-8", "surrogateescape")
    return hmac.compare_digest(shown, api_key.encode("utf-8"))


def rejection(presented: str | None) -> str:
    """What a client without the right key is told; never the key it has shown."""
    if presented is None:
        return f"no API key: send it as header {KEY_HEADER} or as parameter {KEY_PARAMETER}"
    return "the API key is wrong"
