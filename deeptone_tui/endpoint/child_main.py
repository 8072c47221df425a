"""Main program of the child process: the server for the program that started it.

It reads one line of JSON from stdin, writes the port to stdout, and runs as long as stdin stays
open: the kernel closes stdin when the parent dies, for whatever reason.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable

from deeptone_tui.core.process import end_with_parent
from deeptone_tui.endpoint.options import EndpointError, OptionError, ServerOptions

STDIN, STDOUT, STDERR = 0, 1, 2
CHUNK = 4096


def main() -> int:
    """Serve until the parent exits.

    Returns:
        The exit code; 1 after a line on stderr that gives the reason.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent
    announce = _announcement()
    told = sys.stdin.buffer.readline()
    end_with_parent(_read_until_closed)  # there is no state to save
    try:
        from deeptone_tui.endpoint.server.server import serve  # noqa: PLC0415  watch first, then load

        options = ServerOptions(host="127.0.0.1", port=0, **json.loads(told))
        asyncio.run(serve(options, on_listening=announce))
    except (EndpointError, OptionError, ImportError, json.JSONDecodeError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _announcement() -> Callable[[int], None]:
    """Return a function that reports the port to the parent; redirect stdout to the log."""
    sys.stdout.flush()
    channel = os.dup(STDOUT)
    os.dup2(STDERR, STDOUT)

    def announce(port: int) -> None:
        os.write(channel, json.dumps({"port": port}).encode() + b"\n")
        os.close(channel)

    return announce


def _read_until_closed() -> None:
    """Return when stdin is closed, by the parent or by the kernel for it."""
    while os.read(STDIN, CHUNK):
        pass
