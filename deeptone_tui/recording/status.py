"""How a recording goes, for the screen."""

from dataclasses import dataclass
from pathlib import Path

from deeptone_tui.protocol import SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class RecordingStatus:
    """A recording at one moment."""

    path: Path
    """Its own folder; the folder it shall be in before that is made."""
    samples: int = 0
    """Written, and counted in the header of the WAV."""
    bytes: int = 0
    """Written into all of its files."""
    waiting: int = 0
    """Samples captured and not yet written: more than a second means a slow disk."""
    left_out: int = 0
    """Results and events that came faster than they could be written."""
    problem: str = ""
    """Why it has stopped, in one line; empty while all is well."""

    @property
    def seconds(self) -> float:
        """Length of what is written."""
        return self.samples / SAMPLE_RATE
