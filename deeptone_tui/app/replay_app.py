"""The screen of a recording that is shown again: what it can be asked, and what it cannot."""

from dataclasses import replace
from typing import Final

from deeptone_tui.app.app import MonitorApp
from deeptone_tui.dsp import format_both
from deeptone_tui.protocol import StreamParameters

SPEEDS: Final = (0.5, 1.0, 2.0, 4.0)
"""Seconds of the recording in a second."""

_OWN_SOURCE: Final = "This is a recording: q leaves it, to listen to something else."
_OWN_ANSWERS: Final = (
    "A recording is not judged anew. To ask an endpoint, open one of its WAV files:"
    " deeptone-tui FILE"
)


class ReplayApp(MonitorApp):
    """The monitor's screen on a recording. Thresholds are tried on what was answered then."""

    _wanted_speed = 1.0

    @property
    def parameters(self) -> StreamParameters:
        """What was in force then, but with the mark: nobody can be asked for it any more."""
        return replace(super().parameters, volume_threshold=self.mark)

    def action_offer_and_quit(self) -> None:
        """Leave; nothing was tuned that could be in force."""
        self.exit()

    def _ask_for(self, threshold: float) -> None:
        """Leave tune mode; there is no endpoint to be asked."""
        del threshold
        self.end_tuning()

    def action_apply_mark(self) -> None:
        """Take the suggestion that stands; say that nothing is judged anew."""
        super().action_apply_mark()
        mark = format_both(self.mark)
        self._tell(f"A recording is not judged anew: the mark stays at {mark}, x takes it out.")

    def action_speed(self, steps: int) -> None:
        """Show it slower or faster."""
        # Not the state's speed, which is that of a moment ago when keys follow quickly.
        number = SPEEDS.index(self._wanted_speed) + steps
        self._wanted_speed = SPEEDS[min(max(number, 0), len(SPEEDS) - 1)]
        self.monitor.set_speed(self._wanted_speed)

    def action_choose_device(self) -> None:
        """Not in a recording."""
        self._tell(_OWN_SOURCE)

    def action_choose_source(self) -> None:
        """Not in a recording."""
        self._tell(_OWN_SOURCE)

    def action_choose_endpoint(self) -> None:
        """Not in a recording."""
        self._tell(_OWN_ANSWERS)

    def action_choose_models(self) -> None:
        """Not in a recording."""
        self._tell(_OWN_ANSWERS)

    def action_calibrate(self) -> None:
        """Not in a recording: nobody speaks."""
        self._tell("This is a recording: a suggests a threshold for the time that is shown.")

    def action_record(self) -> None:
        """Not in a recording."""
        self._tell("This is a recording: it is on the disk already.")

    def _tell(self, words: str) -> None:
        """Say what cannot be done, and what can."""
        self.notify(words, severity="warning", markup=False)
