"""Files of others read with care, our own replaced whole, and a lock between two programs."""

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


def write_whole(
    path: Path,
    data: bytes,
    *,
    mode: int = 0o666,
    sync: bool = True,
    check: Callable[[Path], None] | None = None,
) -> None:
    """Write a file; whatever fails, one that was there before is as it was.

    The bytes go into a file beside it first, which then takes its name and its permissions. What
    is no file, such as ``/dev/stdout`` or a named pipe, is written to as it is.

    Args:
        path: where to; a link is followed.
        data: all that it is to hold.
        mode: permissions of a new file, before the umask.
        sync: have the disk keep it before it takes the name; that may take a while.
        check: looks at the new file before it takes the name, and raises where it must not.

    Raises:
        OSError: when it was not written.
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
        with contextlib.suppress(FileNotFoundError):
            beside.chmod(place.stat().st_mode & 0o7777)
        beside.replace(place)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


@contextlib.contextmanager
def locked(
    path: Path,
    patience_s: float = LOCK_PATIENCE_S,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Keep others who ask for it away from a file.

    The lock is that of a file beside it, which is gone in the end; the system takes it from a
    program that is killed. Where the system has no such locks, nobody is kept away.

    Args:
        path: the file, which need not be there; its folder must be.
        patience_s: seconds to wait for who has the lock.
        clock: seconds that only grow.
        sleep: waits some seconds.

    Raises:
        TimeoutError: when somebody else has it all the time.
        OSError: when the lock's file cannot be made.
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
            beside.unlink()  # while it is held, so that nobody holds one without a name
        os.close(handle)


def _taken(beside: Path) -> int | None:
    """The descriptor of the lock's file, locked; None when somebody else has it."""
    handle = os.open(beside, os.O_RDWR | os.O_CREAT, 0o600)
    if _lock(handle) and _is_named(handle, beside):
        return handle
    os.close(handle)
    return None


def _lock(handle: int) -> bool:
    """Lock an open file, if nobody else has."""
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
    """Whether the file still has its name: who had the lock before may have removed it."""
    try:
        return os.path.samestat(os.fstat(handle), beside.stat())
    except FileNotFoundError:
        return False
