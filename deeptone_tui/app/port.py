"""What the app asks of the monitor, so that tests can stand another behind the screen."""

from pathlib import Path
from typing import Protocol, Unpack

from deeptone_tui.audio import SourceOptions, SourceSpec
from deeptone_tui.monitor.state import MonitorState, PlacedResult
from deeptone_tui.protocol import Changes
from deeptone_tui.session import TargetProvider


class MonitorPort(Protocol):
    """The monitor as the screen sees it: a state to read, results to take, commands to give.

    Everything returns at once and may be called from any thread.
    """

    @property
    def state(self) -> MonitorState:
        """The newest state; its revision grows with every change."""
        ...

    def start(self) -> None:
        """Begin to capture and to connect."""
        ...

    def stop(self, timeout: float = 0.4) -> bool:
        """End everything.

        Args:
            timeout: seconds that the end may take.

        Returns:
            Whether everything had ended by then.
        """
        ...

    def take_entries(self) -> list[PlacedResult]:
        """Take the results that came since the last call, oldest first."""
        ...

    def apply(self, **changes: Unpack[Changes]) -> None:
        """Ask the endpoint for something else, through a new connection; the rest stays."""
        ...

    def switch_source(self, spec: SourceSpec, options: SourceOptions | None = None) -> None:
        """Listen to something else."""
        ...

    def switch_provider(self, provider: TargetProvider) -> None:
        """Talk to another endpoint."""
        ...

    def shift(self, decibels: float) -> None:
        """Shift the preview by decibels, to measure as this endpoint does; 0 ends it."""
        ...

    def pause(self) -> None:
        """Hold a file or the demo; nothing happens to a live source."""
        ...

    def resume(self) -> None:
        """Go on from where it was held."""
        ...

    def seek(self, seconds: float) -> None:
        """Go on from another position of a file or the demo."""
        ...

    def record(self, parent: Path) -> None:
        """Record into a new folder within this one; `MonitorState.recording` tells how it goes."""
        ...

    def stop_recording(self) -> None:
        """Finish the recording."""
        ...

    def set_speed(self, speed: float) -> None:
        """Show a recording faster or slower; nothing happens to other sources."""
        ...

    def reset_peaks(self) -> None:
        """Let the peak mark drop, and count clips from 0."""
        ...
