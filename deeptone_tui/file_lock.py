"""A lock that keeps two programs from changing a file at the same time."""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

PATIENCE_S: Final = 5.0
_LOOK_AGAIN_S: Final = 0.02


@contextlib.contextmanager
def locked(
    path: Path,
    patience_s: float = PATIENCE_S,
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
            raise TimeoutError(f"{path}: another program is writing it")
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
