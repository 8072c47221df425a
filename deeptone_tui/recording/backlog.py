"""What waits for the disk: audio and lines, each with a bound of its own. Not for two threads."""

import errno
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deeptone_tui.core.errors import reason_of
from deeptone_tui.protocol import SAMPLE_RATE_HZ
from deeptone_tui.protocol.bounding import footprint_bytes
from deeptone_tui.recording.facts import Facts
from deeptone_tui.recording.writer import Stretch

MOST_SAMPLES: Final = 240 * SAMPLE_RATE_HZ
"""Samples that may wait: four minutes, 7.7 MB."""
MOST_LINES: Final = 50_000
"""Results and events that may wait."""
MOST_LINE_BYTES: Final = 16 * 1024 * 1024
"""Memory that they may take."""

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
    """A result or an event on its way into its file."""

    kind: str
    """``result``, or what an event is called."""
    document: Mapping[str, object]


Item = Stretch | Facts | QueuedLine


class Backlog:
    """Audio is never given up for lines: what of those is too much is left out, and counted.

    Args:
        most_samples: audio that may wait.
        most_lines: results and events that may wait.
        most_line_bytes: memory that those may take.
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
        """Samples that wait."""
        self.left_out = 0
        """Lines that found no room."""

    def add_audio(self, stretch: Stretch) -> bool:
        """Add audio; whether there was room for it."""
        if self.samples + len(stretch.samples) > self.most_samples:
            return False
        self.samples += len(stretch.samples)
        self._items.append(stretch)
        return True

    def add_line(self, line: QueuedLine) -> None:
        """Add a result or an event, or count it where there is no room."""
        size = footprint_bytes(line.document)
        if self._lines >= self._most_lines or self._line_bytes + size > self._most_line_bytes:
            self.left_out += 1
            return
        self._lines += 1
        self._line_bytes += size
        self._items.append(line)

    def add_setting(self, setting: Facts | QueuedLine) -> None:
        """Add what is in force from here on, which there is always room for: people set it."""
        self._items.append(setting)

    def take(self) -> list[Item]:
        """Take everything, oldest first; the samples count as waiting until they are written."""
        items, self._items = self._items, []
        self._lines = self._line_bytes = 0
        return items

    def written(self, samples: int) -> None:
        """Note that so many of the samples that were taken are written."""
        self.samples -= samples

    def clear(self) -> None:
        """Forget everything."""
        self.take()
        self.samples = 0


def in_words(error: OSError, place: Path) -> str:
    """Why a recording has stopped, in one line.

    Args:
        error: what the system said.
        place: the folder that the user knows.
    """
    why = _WORDS.get(error.errno or 0) or reason_of(error)
    return f"recording stopped: {why} ({place})"
