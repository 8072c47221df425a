"""Private names of aiohttp's server websockets, used only with a version that was checked.

Fair scheduling has to see how much waits in a websocket's queue, and how long its frames take to
parse; aiohttp offers no public way to either.
"""

from typing import TYPE_CHECKING, Any

from deeptone_tui.core.libraries import is_checked

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web
    from aiohttp._websocket.models import WSMessageTextBytes
    from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader
    from aiohttp.web_protocol import RequestHandler

    FrameParser = WebSocketReader
    MessageQueue = WebSocketDataQueue
    TextAsBytes = WSMessageTextBytes


def is_usable() -> bool:
    """Return True if the installed aiohttp is one whose private names were checked."""
    return is_checked("aiohttp")


def wrap_parser(protocol: "RequestHandler", wrap: "Callable[[FrameParser], Any]") -> "Any | None":  # noqa: ANN401  the wrapper's type
    """Replace the frame parser of a websocket connection by a wrapper around it.

    Returns:
        The wrapper; None if the connection has ended.
    """
    parser = protocol._payload_parser  # noqa: SLF001  set_parser takes none after the first
    if parser is None:
        return None
    wrapped = wrap(parser)
    protocol._payload_parser = wrapped  # noqa: SLF001  as above
    return wrapped


def wrap_queue(
    websocket: "web.WebSocketResponse", wrap: "Callable[[MessageQueue], Any]"
) -> "Any | None":  # noqa: ANN401  the wrapper's type
    """Replace the queue that a websocket reads its messages from by a wrapper around it.

    Returns:
        The wrapper; None if the websocket has ended.
    """
    queue = websocket._reader  # noqa: SLF001  no public name
    if queue is None:
        return None
    wrapped = wrap(queue)
    websocket._reader = wrapped  # noqa: SLF001  as above
    return wrapped


def queued_bytes(queue: "MessageQueue") -> int:
    """Return the size of the messages in a queue."""
    return queue._size  # noqa: SLF001  no public name


def discard(queue: "MessageQueue") -> None:
    """Discard the messages in a queue."""
    queue._buffer.clear()  # noqa: SLF001  no public name


def limit_close(websocket: "web.WebSocketResponse", seconds: float) -> None:
    """Set how long a websocket waits for the answer to its close frame."""
    if is_usable():
        websocket._timeout = seconds  # noqa: SLF001  no public name after the constructor


def forget_error(websocket: "web.WebSocketResponse") -> None:
    """Drop the error that ended a websocket: its traceback refers to the websocket."""
    if is_usable():
        websocket._exception = None  # noqa: SLF001  no public name
