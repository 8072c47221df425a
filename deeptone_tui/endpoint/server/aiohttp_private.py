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


def intercept(
    websocket: "web.WebSocketResponse",
    protocol: "RequestHandler",
    *,
    parser: "Callable[[FrameParser], Any]",
    queue: "Callable[[MessageQueue], Any]",
) -> None:
    """Put a wrapper around the frame parser of a websocket, and one around its message queue.

    Does nothing if the connection has ended.

    Args:
        websocket: prepared websocket.
        protocol: its connection.
        parser: returns what stands in for the frame parser.
        queue: returns what stands in for the queue that the websocket reads its messages from.
    """
    if not is_usable():
        return
    own_parser = protocol._payload_parser  # noqa: SLF001  set_parser takes none after the first
    own_queue = websocket._reader  # noqa: SLF001  no public name
    if own_parser is not None and own_queue is not None:
        protocol._payload_parser = parser(own_parser)  # noqa: SLF001  as above
        websocket._reader = queue(own_queue)  # noqa: SLF001  as above


def queued_bytes(queue: "MessageQueue") -> int:
    """Return the size of the messages in a queue."""
    return queue._size  # noqa: SLF001  no public name


def discard_messages(websocket: "web.WebSocketResponse") -> None:
    """Discard the messages that a websocket has not read."""
    queue = websocket._reader if is_usable() else None  # noqa: SLF001  no public name
    if queue is not None:
        queue._buffer.clear()  # noqa: SLF001  no public name


def limit_close(websocket: "web.WebSocketResponse", seconds: float) -> None:
    """Set how long a websocket waits for the answer to its close frame."""
    if is_usable():
        websocket._timeout = seconds  # noqa: SLF001  no public name after the constructor


def forget_error(websocket: "web.WebSocketResponse") -> None:
    """Drop the error that ended a websocket: its traceback refers to the websocket."""
    if is_usable():
        websocket._exception = None  # noqa: SLF001  no public name
