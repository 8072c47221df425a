"""Careful reading of foreign files, atomic writes of our own, and a lock between two programs."""

import contextlib
import errno
import os
import secrets
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

LOCK_PATIENCE_S: Final = 5.0
_LOOK_AGAIN_S: Final = 0.02


class NotPlainError(OSError):
    """A pipe, a device, a socket, a folder or a link to itself in place of a regular file."""

    def __init__(self, what: str) -> None:
        super().__init__(errno.EINVAL, f"is {what}, not a file")


def open_plain(path: Path) -> BinaryIO:
    """Open a regular file for reading, without blocking as opening a pipe would.

    Raises:
        NotPlainError: if the path is not a regular file.
        OSError: if the file cannot be opened.
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
    """Read a whole file.

    Args:
        path: the file.
        most_bytes: maximum size; a larger file is refused.

    Raises:
        NotPlainError: if the path is not a regular file.
        OSError: if the file cannot be read, or is larger.
    """
    with open_plain(path) as file:
        return read_most(file, most_bytes)


def read_most(file: BinaryIO, most_bytes: int) -> bytes:
    """Read the rest of an open file, which may be a pipe.

    Args:
        file: an open file.
        most_bytes: maximum size; more data is refused.

    Raises:
        OSError: if the file cannot be read, or holds more.
    """
    data = file.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return data


def _in_words(error: OSError) -> OSError:
    """Return the error of a failed open, as a `NotPlainError` if the path is not a regular file."""
    kinds = {errno.ELOOP: "a link to itself", errno.ENXIO: "a socket", errno.EISDIR: "a folder"}
    kind = kinds.get(error.errno or 0)
    return error if kind is None else NotPlainError(kind)


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISFIFO(mode):
        return "a pipe"
    return "a device"


def write_whole(
    path: Path,
    data: bytes,
    *,
    mode: int = 0o666,
    sync: bool = True,
    replace: bool = True,
    check: Callable[[Path], None] | None = None,
) -> None:
    """Write a file atomically: if anything fails, an existing file stays unchanged.

    The data goes into a temporary file beside it, which then takes over its name and permissions. A
    path that is not a regular file, such as ``/dev/stdout`` or a named pipe, is written to
    directly.

    Args:
        path: destination; links are followed.
        data: the complete contents.
        mode: permissions of a new file, before the umask.
        sync: flush the file to disk before the rename, which may take a while.
        replace: True to replace an existing file.
        check: called with the temporary file before the rename, which it prevents by raising.

    Raises:
        FileExistsError: if there is a file that may not be replaced.
        OSError: if the file was not written.
    """
    place = Path(os.path.realpath(path))
    if place.exists() and not place.is_file():
        place.write_bytes(data)
        return
    beside = place.with_name(f".{place.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        if check is not None:
            check(beside)
        if replace:
            with contextlib.suppress(FileNotFoundError):
                beside.chmod(place.stat().st_mode & 0o7777)
            beside.replace(place)
        else:
            _take_free_name(beside, place)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def _take_free_name(file: Path, place: Path) -> None:
    """Give a file another name, unless that is taken; raise FileExistsError if it is."""
    try:
        os.link(file, place)  # unlike a rename, it never replaces what is there
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if place.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        file.replace(place)


@contextlib.contextmanager
def locked(
    path: Path,
    patience_s: float = LOCK_PATIENCE_S,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Hold a file lock that excludes other callers of this function.

    The lock is on a file beside `path`, which is removed on release. The system releases the lock
    of a program that is killed. On a system without such locks nobody is excluded.

    Args:
        path: the file to protect, which need not exist; its folder must.
        patience_s: seconds to wait for the current holder.
        clock: monotonic clock in seconds.
        sleep: function that sleeps for some seconds.

    Raises:
        TimeoutError: if another program holds the lock throughout.
        OSError: if the lock file cannot be created.
    """
    beside = path.with_name(f".{path.name}.lock")
    until = clock() + patience_s
    while (handle := _taken(beside)) is None:
        if clock() >= until:
            raise TimeoutError(errno.ETIMEDOUT, "another program is writing it", str(path))
        sleep(_LOOK_AGAIN_S)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()  # while the lock is held, so that nobody locks a file without a name
        os.close(handle)


def _taken(beside: Path) -> int | None:
    """Return the descriptor of the locked lock file; None if another program holds the lock."""
    handle = os.open(beside, os.O_RDWR | os.O_CREAT, 0o600)
    if _lock(handle) and _is_named(handle, beside):
        return handle
    os.close(handle)
    return None


def _lock(handle: int) -> bool:
    """Lock an open file without blocking; return False if another program holds the lock."""
    if sys.platform == "win32":
        return True
    import fcntl  # noqa: PLC0415  not everywhere

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _is_named(handle: int, beside: Path) -> bool:
    """Return True if the file still has its name: the previous holder may have removed it."""
    try:
        return os.path.samestat(os.fstat(handle), beside.stat())
    except FileNotFoundError:
        return False
