"""Files that are replaced whole, or stay as they were."""

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path


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
