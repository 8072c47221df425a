"""What stops a recording, in words."""

import errno
from pathlib import Path

from deeptone_tui.core.errors import reason_of

_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EFBIG: "no file may grow so large there",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "the disk can only be read",
    errno.ENOTDIR: "that is a file, not a folder",
    errno.EEXIST: "that is a file, not a folder",
    errno.ENOENT: "the folder is gone",
    errno.EIO: "the disk has failed",
    errno.ENAMETOOLONG: "the name is too long",
}
if hasattr(errno, "EDQUOT"):
    _WORDS[errno.EDQUOT] = "your share of the disk is full"


def in_words(error: OSError, place: Path) -> str:
    """Why a recording has stopped, in one line.

    Args:
        error: what the system said.
        place: the folder that the user knows.
    """
    why = _WORDS.get(error.errno or 0) or reason_of(error)
    return f"recording stopped: {why} ({place})"
