"""The program of the child process: the server for the one program that started it.

It reads one line of JSON from stdin, writes the port to stdout, and lives as long as stdin stays
open: the kernel closes it when the parent dies, however that happens.
"""

import asyncio
import json
import os
import signal
import sys
import threading
from collections.abc import Callable

from deeptone_tui.endpoint.options import EndpointError, OptionError, ServerOptions

STDIN, STDOUT, STDERR = 0, 1, 2
CHUNK = 4096


def main() -> int:
    """Serve until the parent is gone.

    Returns:
        The exit code; 1 after a line on stderr that says why.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl+c is for the parent
    announce = _announcement()
    told = sys.stdin.buffer.readline()
    threading.Thread(target=_end_with_parent, name="parent watch", daemon=True).start()
    try:
        from deeptone_tui.endpoint.server.server import serve  # noqa: PLC0415  watch first, then load

        options = ServerOptions(host="127.0.0.1", port=0, **json.loads(told))
        asyncio.run(serve(options, on_listening=announce))
    except (EndpointError, OptionError, ImportError, json.JSONDecodeError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _announcement() -> Callable[[int], None]:
    """What tells the parent the port. From here on stdout is the log, whoever prints."""
    sys.stdout.flush()
    channel = os.dup(STDOUT)
    os.dup2(STDERR, STDOUT)

    def announce(port: int) -> None:
        os.write(channel, json.dumps({"port": port}).encode() + b"\n")
        os.close(channel)

    return announce


def _end_with_parent() -> None:
    """End at once when the other end of stdin is gone; nothing here needs saving."""
    while os.read(STDIN, CHUNK):
        pass
    os._exit(0)
