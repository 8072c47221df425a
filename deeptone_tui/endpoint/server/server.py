"""Routes of the server, and its lifecycle from listening to shutdown."""

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web

import deeptone_tui
from deeptone_tui.core.line_writer import Diagnostics
from deeptone_tui.core.process import ENDING_SIGNALS, ExitCode
from deeptone_tui.core.redaction import for_people
from deeptone_tui.endpoint.options import EndpointError, KeyNeeded, ServerOptions
from deeptone_tui.endpoint.server.acceptor import listen, run_application
from deeptone_tui.endpoint.server.conversation import StreamStats
from deeptone_tui.endpoint.server.metrics import CONTENT_TYPE, Metrics, exposition
from deeptone_tui.endpoint.server.page import HEADERS, WORKLET, description, page
from deeptone_tui.endpoint.server.stream import (
    KEY_HEADER,
    StreamHandler,
    admits,
    presented_key,
)

if TYPE_CHECKING:
    from deeptone_tui.endpoint.engine import Engine


METRICS_KEY = f"the metrics need the key, as header {KEY_HEADER} or as a bearer token\n"
Handler = Callable[[web.Request], Awaitable[web.Response]]

CONNECTIONS_PER_PLACE = 6
"""Connections of any kind per permitted stream; further ones get status 503."""
SWITCH_SECONDS = 0.0001
"""Switch interval of the interpreter lock, instead of 5 ms, for a worker thread to yield to the
event loop: the loop releases the lock with every read and write, a dozen times for each result."""
GARBAGE_THRESHOLDS = 700, 10, 1_000
"""Thresholds of the garbage collector. The young generations keep the defaults, or else the objects
of many connections pile up until one collection takes 90 ms; full collections run a hundred times
less often."""

LAST_WORDS_S = 1.0
"""Seconds for stderr to take the reason of a failed start."""
AFTER_SIGNAL_S = 0.2
"""Seconds for stderr to take the last lines after a signal."""

Say = Callable[..., None]
"""Function that reports one or more lines."""


def application(
    options: ServerOptions,
    engine: "Engine",
    streams: StreamHandler,
    metrics: Metrics,
    connections: Callable[[], int],
) -> web.Application:
    """Return the application with ``/stream``, ``/`` and its worklet, ``/health`` and ``/metrics``.

    Websockets from pages of any origin are accepted, files included: the documentation's page is
    opened as a file. A page gets nothing from it but the results for its own audio.

    Args:
        options: limits and key.
        engine: inference engine, started by the caller.
        streams: handler of ``/stream``; the caller closes it.
        metrics: counters of the server.
        connections: returns the number of open connections.
    """
    app = web.Application()
    app.router.add_get("/stream", streams.handle)
    app.router.add_get("/", _front(options, engine))
    app.router.add_get("/worklet.js", _worklet)
    app.router.add_get("/health", _health)
    app.router.add_get("/metrics", _metrics(options, engine, metrics, connections))
    return app


def _front(options: ServerOptions, engine: "Engine") -> Handler:
    async def front(request: web.Request) -> web.Response:
        """Return JSON to clients that accept it, and the page to all others."""
        if "application/json" in request.headers.get("Accept", ""):
            facts = description(options, engine.offered, deeptone_tui.__version__)
            return web.json_response(facts, headers=HEADERS)
        text = page(options, engine.offered, deeptone_tui.__version__)
        return web.Response(text=text, content_type="text/html", headers=HEADERS)

    return front


def _metrics(
    options: ServerOptions, engine: "Engine", metrics: Metrics, connections: Callable[[], int]
) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        """Return the metrics; requires the key, if set, as they reveal more than the page."""
        if not admits(options.api_key, presented_key(request.headers, request.query)):
            return web.Response(status=HTTPStatus.UNAUTHORIZED, text=METRICS_KEY, headers=HEADERS)
        text = exposition(
            metrics,
            version=deeptone_tui.__version__,
            connections=connections(),
            waiting=engine.waiting,
        )
        return web.Response(body=text.encode(), headers={**HEADERS, "Content-Type": CONTENT_TYPE})

    return handle


async def _worklet(_: web.Request) -> web.Response:
    """Return the script for the browser's audio thread; browsers load worklets only from a URL."""
    return web.Response(text=WORKLET, content_type="text/javascript", headers=HEADERS)


async def _health(_: web.Request) -> web.Response:
    """Report to a service supervisor that the event loop is alive."""
    return web.json_response({"status": "ok"}, headers=HEADERS)


async def serve(
    options: ServerOptions,
    *,
    on_listening: Callable[[int], None],
    stop: asyncio.Event | None = None,
    engine: "Engine | None" = None,
    on_ended: Callable[[StreamStats], None] = lambda _: None,
) -> None:
    """Serve until ``stop`` is set or the task is cancelled.

    Args:
        options: address and limits.
        on_listening: called once with the port when clients may connect.
        stop: event that stops the server; open streams get their last results and code 1001.
        engine: inference engine; the project's own by default.
        on_ended: called with the statistics of each stream that ends or is refused.

    Raises:
        EndpointError: if it cannot listen, or the models cannot be loaded.
    """
    metrics = Metrics()
    async with contextlib.AsyncExitStack() as stack:
        sockets = await listen(options)
        for listening in sockets:
            stack.callback(listening.close)
        models = await _started(engine)
        stack.push_async_callback(models.close)
        streams = StreamHandler(options, models, metrics, on_ended)
        app = application(options, models, streams, metrics, lambda: acceptor.connections)
        acceptor = await stack.enter_async_context(
            run_application(
                app,
                limit=options.max_connections * CONNECTIONS_PER_PLACE,
                on_refused=lambda: metrics.refusals.update(["too_many_connections"]),
            )
        )
        stack.push_async_callback(streams.close)  # aiohttp reads no more once its cleanup begins
        stack.push_async_callback(acceptor.close)  # first of all
        acceptor.open(sockets)
        _tune_interpreter()
        on_listening(sockets[0].getsockname()[1])
        await (stop or asyncio.Event()).wait()


async def _started(engine: "Engine | None") -> "Engine":
    """Return the started engine.

    Raises:
        EndpointError: for any failure; a library that does not load may raise any exception.
    """
    try:
        if engine is None:
            from deeptone_tui.endpoint.engine import Engine  # noqa: PLC0415  loads onnxruntime

            engine = Engine()
        await engine.start()
    except Exception as error:
        raise EndpointError(f"the models cannot be loaded: {error}") from error
    return engine


def _tune_interpreter() -> None:
    """Set up this process for many streams, once all modules are loaded."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.freeze()  # a collection over all loaded modules would stop every stream for 50 ms
    gc.set_threshold(*GARBAGE_THRESHOLDS)


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
        return ExitCode.USAGE if isinstance(error, KeyNeeded) else ExitCode.FAILED
    except KeyboardInterrupt:  # where the loop supports no signal handlers
        return ExitCode.INTERRUPTED
    finally:
        diagnostics.close(patience_s)
    return ExitCode.INTERRUPTED if received == signal.SIGINT else ExitCode.DONE


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
    for number in ENDING_SIGNALS:
        if signal.getsignal(number) is signal.SIG_IGN:
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
