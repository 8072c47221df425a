"""What stands in for source and endpoint where a recording is shown again."""

from collections.abc import Iterator
from typing import Protocol

from deeptone_tui.audio import Source, SourceOptions, SourceSpec
from deeptone_tui.monitor.state import Change, Entry, SessionStatus


class Playback(Protocol):
    """A recording that is played; everything is called in the core's thread."""

    @property
    def speed(self) -> float:
        """Seconds of the recording in a second."""
        ...

    @property
    def session(self) -> SessionStatus:
        """The connection as it was where the recording is now."""
        ...

    def open_source(self, spec: SourceSpec, options: SourceOptions) -> Source:
        """Its audio."""
        ...

    def due(self, captured: int) -> Iterator[Entry | Change | str]:
        """Results, changes and words about what happened, of what was played since last.

        Args:
            captured: absolute index after the newest sample of the block that was just taken.
        """
        ...

    def set_speed(self, speed: float) -> None:
        """Play faster or slower."""
        ...
