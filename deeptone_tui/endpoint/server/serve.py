"""``deeptone-tui serve``: server in a terminal or under a service supervisor."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from functools import partial

import deeptone_tui
from deeptone_tui.core.line_writer import Diagnostics
from deeptone_tui.core.redaction import for_people
from deeptone_tui.endpoint.options import EndpointError, KeyNeeded, ServerOptions
from deeptone_tui.endpoint.server.conversation import StreamStats
from deeptone_tui.endpoint.server.server import serve

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
ENDING_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
LAST_WORDS_S = 1.0
"""Seconds for stderr to take the reason of a failed start."""
AFTER_SIGNAL_S = 0.2
"""Seconds for stderr to take the last lines after a signal."""


Say = Callable[..., None]
"""Function that reports one or more lines."""


def run_server(options: ServerOptions) -> int:
    """Serve until SIGINT, SIGTERM or SIGHUP, and report events on stderr.

    Returns:
        The exit code: 0 after SIGTERM or SIGHUP, 130 after SIGINT, 1 if it cannot start, 2 if
        the address needs a key and none is set.
    """
    diagnostics = Diagnostics(sys.stderr, direct=False)
    patience_s = LAST_WORDS_S
    try:
        received = asyncio.run(_serve_until_signal(options, partial(_say, diagnostics)))
        patience_s = AFTER_SIGNAL_S
    except EndpointError as error:
        _say(diagnostics, f"deeptone-tui: {error}")
        return WRONG_USAGE if isinstance(error, KeyNeeded) else FAILED
    except KeyboardInterrupt:  # where the loop supports no signal handlers
        return INTERRUPTED
    finally:
        diagnostics.close(patience_s)
    return INTERRUPTED if received == signal.SIGINT else DONE


async def _serve_until_signal(options: ServerOptions, say: Say) -> int:
    """Return the first signal received; a second signal stops without draining open streams."""
    stop = asyncio.Event()
    received: list[int] = []

    def end(number: int) -> None:
        received.append(number)
        stop.set()
        if len(received) > 1:
            serving.cancel()

    serving = asyncio.create_task(
        serve(
            options,
            on_listening=lambda port: say(*opening_lines(options, port)),
            stop=stop,
            on_ended=lambda ended: say(connection_line(ended)),
        )
    )
    with signals_to(end):
        try:
            await serving
        except asyncio.CancelledError:
            if not received:
                raise
    return received[0]


@contextlib.contextmanager
def signals_to(end: Callable[[int], None]) -> Iterator[None]:
    """Route termination signals to ``end``; an ignored one (nohup) stays ignored."""
    loop, handled = asyncio.get_running_loop(), []
    for name in ENDING_SIGNALS:
        number = getattr(signal, name, None)
        if number is None or signal.getsignal(number) is signal.SIG_IGN:
            continue
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, end, number)
            handled.append(number)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)


def opening_lines(options: ServerOptions, port: int) -> tuple[str, ...]:
    """Return the lines reported when clients may connect; never contain the key."""
    host = f"[{options.host}]" if ":" in options.host else options.host
    key = (
        "open to every program on this machine, no key needed"
        if options.api_key is None
        else "clients need the key, as header X-Api-Key or as parameter api_key"
    )
    return (
        f"deeptone-tui {deeptone_tui.__version__} listens on ws://{host}:{port}/stream",
        key,
        f"about this server: http://{host}:{port}/",
    )


def connection_line(ended: StreamStats) -> str:
    """Return the log line of an ended connection."""
    if not ended.models:
        return f"{ended.peer}  {ended.reason}"
    return (
        f"{ended.peer}  {','.join(ended.models)}  {ended.seconds:.1f} s of audio, "
        f"{ended.results} results; {ended.reason}"
    )


def _say(diagnostics: Diagnostics, *lines: str) -> None:
    """Write lines to stderr without blocking the streams."""
    diagnostics.say("".join(f"{for_people(line)}\n" for line in lines))
