"""The screen of a recording that is shown again: what it can be asked, and what it cannot."""

from typing import Final

from deeptone_tui.app.app import MonitorApp
from deeptone_tui.level import format_both

SPEEDS: Final = (0.5, 1.0, 2.0, 4.0)
"""Seconds of the recording in a second."""


class ReplayApp(MonitorApp):
    """The monitor's screen on a recording. Thresholds are tried on what was answered then."""

    def on_mount(self) -> None:
        """Let every result count in tune mode: nobody will be asked at threshold 0 any more."""
        super().on_mount()
        self.main.periods.at_any_threshold = True

    def _follow_monitor(self) -> None:
        """Draw the newest state; what is asked for is what was asked for then."""
        applied = self.monitor.state.session.applied
        if applied is not None and applied != self.parameters:
            self.parameters = applied
        super()._follow_monitor()

    def _ask_for(self, threshold: float) -> None:
        """Leave tune mode; there is no endpoint to be asked."""
        del threshold
        self.end_tuning()

    def action_apply_mark(self) -> None:
        """Take the suggestion that stands; say that nothing is judged anew."""
        super().action_apply_mark()
        self._tell(f"The mark stays at {format_both(self.mark)}: x takes it out.")

    def action_speed(self, steps: int) -> None:
        """Show it slower or faster."""
        speed = self.monitor.state.speed or 1.0
        near = min(range(len(SPEEDS)), key=lambda number: abs(SPEEDS[number] - speed))
        self.monitor.set_speed(SPEEDS[min(max(near + steps, 0), len(SPEEDS) - 1)])

    def action_choose_device(self) -> None:
        """Not in a recording."""
        self._tell("It has its own source: q leaves it.")

    def action_choose_source(self) -> None:
        """Not in a recording."""
        self._tell("It has its own source: q leaves it.")

    def action_choose_endpoint(self) -> None:
        """Not in a recording."""
        self._tell("To ask an endpoint anew, open one of its WAV files: deeptone-tui FILE.")

    def action_choose_models(self) -> None:
        """Not in a recording."""
        self._tell("To ask other models, open one of its WAV files: deeptone-tui FILE.")

    def action_calibrate(self) -> None:
        """Not in a recording: nobody speaks."""
        self._tell("a suggests a threshold for the time that is shown.")

    def action_record(self) -> None:
        """Not in a recording."""
        self._tell("It is on the disk already.")

    def _tell(self, words: str) -> None:
        """Say what cannot be done, and what can."""
        self.notify(f"A recording is not judged anew. {words}", markup=False)
