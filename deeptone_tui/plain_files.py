"""Files that somebody else may have made: opened only where they are files, read only so far."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


class NotPlainError(OSError):
    """A pipe, a device, a folder or a link to itself in the place of a file."""

    def __init__(self, what: str) -> None:
        super().__init__(errno.EINVAL, f"is {what}, not a file")


def open_plain(path: Path) -> BinaryIO:
    """Open a file for reading; never waits for somebody who writes, as a pipe's opening does.

    Raises:
        NotPlainError: for what is no file.
        OSError: when it cannot be opened.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise _in_words(error) from None
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise NotPlainError(_kind(mode))
    return os.fdopen(descriptor, "rb")


def read_plain(path: Path, most_bytes: int) -> bytes:
    """Read a file as a whole.

    Args:
        path: the file.
        most_bytes: a longer one is not what it should be.

    Raises:
        NotPlainError: for what is no file.
        OSError: when it cannot be read, or is longer.
    """
    with open_plain(path) as file:
        return read_most(file, most_bytes)


def read_most(file: BinaryIO, most_bytes: int) -> bytes:
    """Read what is left of a file, which may be a pipe.

    Args:
        file: open.
        most_bytes: more than that is not what it should be.

    Raises:
        OSError: when it cannot be read, or is longer.
    """
    data = file.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return data


def _in_words(error: OSError) -> OSError:
    """What opening failed with; where there is no file, that it is none."""
    kinds = {errno.ELOOP: "a link to itself", errno.ENXIO: "a socket", errno.EISDIR: "a folder"}
    kind = kinds.get(error.errno or 0)
    return error if kind is None else NotPlainError(kind)


def _kind(mode: int) -> str:
    """What a file of a mode is."""
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISFIFO(mode):
        return "a pipe"
    return "a device"
