"""Listening sockets, and error messages when there are none."""

import asyncio
import errno
import os
import socket
from contextlib import ExitStack

from deeptone_tui.core.address import is_loopback, look_up
from deeptone_tui.core.errors import reason_of
from deeptone_tui.endpoint.options import KeyNeeded, ListenError, ServerOptions

BACKLOG = 128
RECEIVE_BUFFER_BYTES = 128 * 1024
"""Kernel receive buffer of each connection, instead of megabytes: a client that is faster than the
models then meets backpressure after seconds of audio, not after minutes."""
SEND_BUFFER_BYTES = 128 * 1024
"""Kernel send buffer: results for a client that does not read."""
ABSENT = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
"""Errors for an address that this machine does not have, such as ::1 without IPv6."""


async def listen(options: ServerOptions) -> list[socket.socket]:
    """Open listening sockets for every address of the host, all on the same port.

    Raises:
        KeyNeeded: if an address is not loopback and no key is set.
        ListenError: for an unknown host, or a port in use or not permitted.
    """
    addresses = await _addresses(options.host)
    if options.api_key is None and not all(map(is_loopback, addresses)):
        raise KeyNeeded(
            f"{options.host} can be reached from other machines: set an API key, "
            "or listen on 127.0.0.1"
        )
    port, absent = options.port, None
    with ExitStack() as opened:
        sockets: list[socket.socket] = []
        for address in addresses:
            try:
                sockets.append(opened.enter_context(_bound(address, port)))
            except OSError as error:
                if error.errno not in ABSENT:
                    raise ListenError(_in_words(error, options.host, port)) from error
                absent = error
                continue
            port = sockets[0].getsockname()[1]
        if absent is not None and not sockets:
            raise ListenError(_in_words(absent, options.host, port)) from absent
        opened.pop_all()
    return sockets


async def _addresses(host: str) -> list[str]:
    """Resolve a name to its distinct numeric addresses.

    Raises:
        ListenError: if the name does not resolve.
    """
    try:
        found = await asyncio.to_thread(look_up, host or None, None, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise ListenError(f"cannot listen on {host}: there is no such host") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _bound(address: str, port: int) -> socket.socket:
    """Open a socket that listens on one numeric address.

    Raises:
        OSError: if that is not possible.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        made.bind((address, port))
        made.listen(BACKLOG)
    except OSError:
        made.close()
        raise
    made.setblocking(False)
    return made


def _in_words(error: OSError, host: str, port: int) -> str:
    """Return the reason of a failure to listen, and the remedy."""
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use: choose another, or 0 for a free one"
    if error.errno == errno.EACCES:
        return f"port {port} needs administrator's rights: choose one from 1024 on"
    if error.errno in ABSENT:
        return f"{host} is no address of this machine"
    return f"cannot listen on {host}, port {port}: {reason_of(error)}"
