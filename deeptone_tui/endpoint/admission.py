"""Which streams are accepted: limits first, then the parameters."""

from collections.abc import Collection, Iterable

from aiohttp import WSCloseCode

from deeptone_tui.endpoint.options import ServerOptions
from deeptone_tui.protocol import ParameterError, StreamParameters


class Refused(Exception):  # noqa: N818  named for what happened
    """A stream that is not accepted: the line to send, the code to close with, why in a word."""

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
    """The parameters of a stream that may begin.

    Args:
        options: with the limits.
        offered: names of the models that run here.
        open_streams: without the new one.
        query_length: characters of the address after the question mark.
        pairs: decoded names and values of the query.

    Raises:
        Refused: when a limit is reached or a parameter is not allowed.
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
    """What a client is told when all places are taken."""
    return f"the limit of {options.max_connections} connections is reached: try again later"


def _against_policy(message: str) -> Refused:
    return Refused(message, WSCloseCode.POLICY_VIOLATION, "parameters")
