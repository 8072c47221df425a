"""Admission control of streams: the key, then limits, then the parameters."""

import hmac
from collections.abc import Collection, Iterable, Mapping

from aiohttp import WSCloseCode

from deeptone_tui.endpoint.options import ServerOptions
from deeptone_tui.protocol import ParameterError, StreamParameters

KEY_HEADER = "X-Api-Key"
KEY_PARAMETER = "api_key"


class Refused(Exception):  # noqa: N818  named for the outcome
    """Stream that is refused: the message to send, the close code, and the reason in one word."""

    def __init__(self, message: str, code: WSCloseCode, reason: str) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


def admit(
    options: ServerOptions,
    offered: Collection[str],
    open_streams: int,
    query_length: int,
    pairs: Iterable[tuple[str, str]],
) -> StreamParameters:
    """Return the parameters of an admitted stream.

    Args:
        options: options with the limits.
        offered: names of the models that run here.
        open_streams: number of open streams without the new one.
        query_length: length of the query string in characters.
        pairs: decoded names and values of the query.

    Raises:
        Refused: if a limit is reached or a parameter is not allowed.
    """
    if open_streams >= options.max_connections:
        raise Refused(no_room(options), WSCloseCode.TRY_AGAIN_LATER, "no_room")
    if query_length > options.max_query_length:
        raise _against_policy(
            f"the query has {query_length} characters, the limit is {options.max_query_length}"
        )
    try:
        parameters = StreamParameters.from_query(pairs)
    except ParameterError as error:
        raise _against_policy(str(error)) from error
    for model in parameters.models:
        if model not in offered:
            raise _against_policy(
                f"model {model} does not run here; these do: {', '.join(offered)}"
            )
    return parameters


def no_room(options: ServerOptions) -> str:
    """Return the message for a client over the limit of streams."""
    return f"the limit of {options.max_connections} connections is reached: try again later"


def _against_policy(message: str) -> Refused:
    return Refused(message, WSCloseCode.POLICY_VIOLATION, "parameters")


def presented_key(headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
    """Return the key that a client presents, or None.

    The header takes precedence over the query, because no proxy writes it into its log. Prometheus
    and other scrapers send a bearer token.

    Args:
        headers: headers of the handshake; a case-insensitive mapping.
        query: decoded query parameters.
    """
    header = headers.get(KEY_HEADER)
    if header is not None:
        return header
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else query.get(KEY_PARAMETER)


def admits(api_key: str | None, presented: str | None) -> bool:
    """Return True if the presented key matches, or if the server has no key.

    Compares in constant time, however much of a wrong key is right.
    """
    if api_key is None:
        return True
    if presented is None:
        return False
    shown = presented.encode("utf-8", "surrogateescape")
    return hmac.compare_digest(shown, api_key.encode("utf-8"))


def rejection(presented: str | None) -> str:
    """Return the message for a client without the right key; never contains the presented key."""
    if presented is None:
        return f"no API key: send it as header {KEY_HEADER} or as parameter {KEY_PARAMETER}"
    return "the API key is wrong"
