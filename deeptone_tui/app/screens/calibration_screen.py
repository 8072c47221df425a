"""The dialog of guided calibration: quiet, then one sentence, while levels are measured."""

from collections.abc import Callable

import numpy as np
from textual.app import ComposeResult
from textual.widgets import Static

from deeptone_tui.app.screens.device_table import bar
from deeptone_tui.app.screens.dialog import Dialog
from deeptone_tui.monitor.state import MonitorState, SourcePhase
from deeptone_tui.protocol import STEP_MS
from deeptone_tui.protocol.units import format_dbfs
from deeptone_tui.tuning import Calibration, Evidence, Phase

_WIDTH = 40
_PER_SECOND = 15
_WORDS = {Phase.QUIET: "1 of 2", Phase.SENTENCE: "2 of 2", Phase.DONE: "done"}


class CalibrationScreen(Dialog[Evidence]):
    """A dialog that answers with the evidence once all has been heard."""

    heading = "Calibration"
    DEFAULT_CSS = """
    CalibrationScreen {
        #frame { width: 58; }
        #asked { text-style: bold; margin-bottom: 1; }
    }
    """

    def __init__(self, state: Callable[[], MonitorState]) -> None:
        """Begin with the next step of audio.

        Args:
            state: returns the monitor's newest state.
        """
        super().__init__()
        self._state = state
        self._heard_to = state().history.end_step
        self._restarted = False
        period_ms = state().session.in_force.output_period
        self.calibration = Calibration(period_ms // STEP_MS)
        """State of the calibration."""

    def compose_body(self) -> ComposeResult:
        """Compose the request, the progress, and the current level."""
        yield Static("", id="asked", markup=False)
        yield Static("", id="progress", markup=False)
        yield Static("", id="now", classes="hint", markup=False)

    def on_mount(self) -> None:
        """Follow the monitor at regular intervals."""
        self.set_interval(1 / _PER_SECOND, self.follow)
        self._show()

    def follow(self) -> None:
        """Take in the steps since the last call; answer when the calibration is done."""
        history = self._state().history
        fresh = history.levels[max(self._heard_to - history.first_step, 0) :]
        self._heard_to = history.end_step
        before = self.calibration
        self.calibration = before.fed(np.asarray(fresh, dtype=np.float64))
        self._restarted = self._restarted or self.calibration.levels.size < before.levels.size
        if self.calibration.phase is Phase.DONE:
            self.answer(self.calibration.evidence)
        else:
            self._show()

    def _show(self) -> None:
        state, calibration = self._state(), self.calibration
        again = self._restarted and calibration.phase is Phase.QUIET
        asked = calibration.phase.value
        self.query_one("#asked", Static).update(
            f"{asked}\nThat was not quiet: once more." if again else asked
        )
        done = calibration.progress
        filled = round(done * _WIDTH)
        self.query_one("#progress", Static).update(
            f"{_WORDS[calibration.phase]:6} {'━' * filled}{'─' * (_WIDTH - filled)}"
            f" {round(done * 100):3} %"
        )
        level = state.meter.level
        self.query_one("#now", Static).update(f"level  {bar(level, 24)} {format_dbfs(level)}")
        phase = state.source.phase
        halted = phase is not SourcePhase.RUNNING
        self.tell_problem(f"No audio: {phase.value}." if halted else "")
