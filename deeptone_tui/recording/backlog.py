"""Backlog for the disk: audio and lines, each with its own bound. Not thread-safe."""

import errno
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deeptone_tui.core.errors import reason_of
from deeptone_tui.protocol import SAMPLE_RATE_HZ
from deeptone_tui.protocol.messages import footprint_bytes
from deeptone_tui.recording.facts import Facts
from deeptone_tui.recording.writer import Stretch

MOST_SAMPLES: Final = 240 * SAMPLE_RATE_HZ
"""Maximum number of waiting samples: four minutes, 7.7 MB."""
MOST_LINES: Final = 50_000
"""Maximum number of waiting results and events."""
MOST_LINE_BYTES: Final = 16 * 1024 * 1024
"""Maximum memory of those, in bytes."""

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


@dataclass(frozen=True, slots=True)
class QueuedLine:
    """Result or event waiting to be written to its file."""

    kind: str
    """``result``, or the kind of an event."""
    document: Mapping[str, object]


Item = Stretch | Facts | QueuedLine


class Backlog:
    """Backlog that never drops audio for lines: lines beyond their bound are left out and counted.

    Args:
        most_samples: maximum number of waiting samples.
        most_lines: maximum number of waiting results and events.
        most_line_bytes: maximum memory of those, in bytes.
    """

    def __init__(
        self,
        *,
        most_samples: int = MOST_SAMPLES,
        most_lines: int = MOST_LINES,
        most_line_bytes: int = MOST_LINE_BYTES,
    ) -> None:
        self.most_samples = most_samples
        self._most_lines = most_lines
        self._most_line_bytes = most_line_bytes
        self._items: list[Item] = []
        self._lines = self._line_bytes = 0
        self.samples = 0
        """Number of waiting samples."""
        self.left_out = 0
        """Number of lines left out for lack of room."""

    def add_audio(self, stretch: Stretch) -> bool:
        """Add audio; return True if there was room for it."""
        if self.samples + len(stretch.samples) > self.most_samples:
            return False
        self.samples += len(stretch.samples)
        self._items.append(stretch)
        return True

    def add_line(self, line: QueuedLine) -> None:
        """Add a result or an event, or only count it if there is no room."""
        size = footprint_bytes(line.document)
        if self._lines >= self._most_lines or self._line_bytes + size > self._most_line_bytes:
            self.left_out += 1
            return
        self._lines += 1
        self._line_bytes += size
        self._items.append(line)

    def add_setting(self, setting: Facts | QueuedLine) -> None:
        """Add a setting in force from here on, without a bound: it comes from the user."""
        self._items.append(setting)

    def take(self) -> list[Item]:
        """Return everything, oldest first; samples count as waiting until they are written."""
        items, self._items = self._items, []
        self._lines = self._line_bytes = 0
        return items

    def written(self, samples: int) -> None:
        """Note that samples returned by ``take`` are written."""
        self.samples -= samples

    def clear(self) -> None:
        """Discard everything."""
        self.take()
        self.samples = 0


def in_words(error: OSError, place: Path) -> str:
    """Return the reason why a recording has stopped, in one line.

    Args:
        error: the error of the system.
        place: the folder that the user knows.
    """
    why = _WORDS.get(error.errno or 0) or reason_of(error)
    return f"recording stopped: {why} ({place})"
