"""Pipes that nobody reads, or that are read after a while."""

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def full_pipe() -> Iterator[tuple[int, int]]:
    """Give the ends of a pipe that takes nothing more until it is read."""
    reading, writing = os.pipe()
    try:
        os.set_blocking(writing, False)
        for piece in (bytes(4096), b"\0"):
            with contextlib.suppress(BlockingIOError):
                while True:
                    os.write(writing, piece)
        os.set_blocking(writing, True)
        yield reading, writing
    finally:
        for descriptor in (reading, writing):
            with contextlib.suppress(OSError):
                os.close(descriptor)


def emptied(reading: int) -> bytes:
    """Read all that is in a pipe without waiting for more."""
    os.set_blocking(reading, False)
    read = b""
    with contextlib.suppress(BlockingIOError):
        while piece := os.read(reading, 65_536):
            read += piece
    os.set_blocking(reading, True)
    return read.lstrip(b"\0")
