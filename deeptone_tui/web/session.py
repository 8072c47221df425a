"""Monitor of one browser: a separate process that lives as long as the websocket."""

import asyncio
import contextlib
import os
import shlex
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aiohttp import WSMsgType, web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

from deeptone_tui.core.text import whole_number
from deeptone_tui.web import WebOptions

if TYPE_CHECKING:
    from asyncio.subprocess import Process

PROGRAM: Final = (sys.executable, "-P", "-m", "deeptone_tui")
ROOT: Final = Path(__file__).parents[2]
"""Directory that holds the package, installed or not."""
HEARTBEAT_SECONDS = 15.0
LARGEST_MESSAGE_BYTES = 64 * 1024
"""Largest message from a browser in bytes: a paste."""
MOST_CELLS = 1000
"""Maximum width and height of the screen in cells."""
ENDING_SECONDS = 3.0
"""Seconds the monitor has to end by itself."""


class MonitorProcess(AppService):
    """textual-serve's link to a monitor process, with an extra environment and a guaranteed end."""

    def __init__(self, socket: web.WebSocketResponse, options: WebOptions) -> None:
        async def close() -> None:  # textual-serve needs no result
            await socket.close()

        super().__init__(
            f"exec {shlex.join([*PROGRAM, *options.arguments])}",
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=close,
            download_manager=DownloadManager(),
        )
        self._extra = options.environment

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        """Return textual-serve's environment with the monitor's additional variables."""
        built: dict[str, str] = super()._build_environment(width, height)
        path = os.pathsep.join(filter(None, [str(ROOT), built.get("PYTHONPATH", "")]))
        return {**built, **self._extra, "TERM": "xterm-256color", "PYTHONPATH": path}

    async def end(self) -> None:
        """Ask the process to end; kill it after `ENDING_SECONDS`.

        Not under one timeout: textual-serve's task swallows the cancellation, and a process whose
        output is not read never ends by itself.
        """
        process: Process | None = self._process
        await _at_most(ENDING_SECONDS, self._ask(process))
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await _at_most(ENDING_SECONDS, _read_out(process))

    async def _ask(self, process: "Process | None") -> None:
        with contextlib.suppress(ConnectionError):
            await self.stop()
        if process is not None:
            await process.wait()


async def _at_most(seconds: float, doing: Coroutine[None, None, None]) -> None:
    """Run a coroutine with a timeout, cancel it, and wait once more even if it ignores that."""
    task = asyncio.ensure_future(doing)
    await asyncio.wait([task], timeout=seconds)
    task.cancel()
    await asyncio.wait([task], timeout=seconds)


async def _read_out(process: "Process") -> None:
    """Read the rest of a process's output, as its pipes close only after that."""
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            await stream.read()
    await process.wait()


async def pass_on(socket: web.WebSocketResponse, monitor: MonitorProcess) -> None:
    """Forward the browser's messages to the monitor; ignore invalid ones."""
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            continue
        with contextlib.suppress(ValueError, TypeError, LookupError, RecursionError):
            await _one(socket, monitor, message.json())


async def _one(socket: web.WebSocketResponse, monitor: MonitorProcess, envelope: object) -> None:
    match envelope:
        case ["stdin", str(text)]:
            await monitor.send_bytes(text.encode())
        case ["resize", {"width": int(width), "height": int(height)}]:
            await monitor.set_terminal_size(_bounded(width), _bounded(height))
        case ["ping", data]:
            await socket.send_json(["pong", data])
        case ["blur", *_]:
            await monitor.blur()
        case ["focus", *_]:
            await monitor.focus()
        case _:
            return


def cells(request: web.Request, name: str, default: int) -> int:
    """Return the width or height of the browser's screen; the default if it is invalid."""
    given = whole_number(request.query.get(name, ""))
    return default if given is None else _bounded(given)


def _bounded(cells: int) -> int:
    return max(1, min(MOST_CELLS, cells))
