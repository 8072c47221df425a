"""The run of the app: from a monitor and settings to the exit summary."""

from dataclasses import replace
from typing import Final

from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.commands import COMMANDS
from deeptone_tui.app.presenters.wording import length
from deeptone_tui.app.settings import ExitSummary, ScreenSettings
from deeptone_tui.core.text import clock
from deeptone_tui.dsp import format_both
from deeptone_tui.monitor import Monitor
from deeptone_tui.protocol import StreamParameters

SPEEDS: Final = (0.5, 1.0, 2.0, 4.0)
"""Replay speeds: seconds of the recording shown per second."""


class ReplayApp(MonitorApp):
    """The app on a recording. Thresholds are tried on the recorded answers."""

    _wanted_speed = 1.0

    @property
    def parameters(self) -> StreamParameters:
        """Recorded parameters with the threshold under the cursor; no endpoint can apply it."""
        return replace(super().parameters, volume_threshold=self.mark)

    def action_command(self, name: str) -> None:
        """Run a command, or report that a recording does not have it."""
        if words := COMMANDS[name].live_only:
            self._tell(words)
        else:
            super().action_command(name)

    def offer_and_quit(self) -> None:
        """Quit without an offer: no tuned threshold can be in force."""
        self.exit()

    def _ask_for(self, threshold: float) -> None:
        """Leave tune mode; there is no endpoint to apply the threshold at."""
        del threshold
        self.end_tuning()

    def apply_mark(self) -> None:
        """Take the suggestion shown, and report that a recording is not judged again."""
        super().apply_mark()
        mark = format_both(self.mark)
        self._tell(f"A recording is not judged again: the threshold stays at {mark}; x exports it.")

    def change_speed(self, steps: int) -> None:
        """Show the recording slower or faster."""
        # Not the state's speed, which lags behind when keys are pressed quickly.
        number = SPEEDS.index(self._wanted_speed) + steps
        self._wanted_speed = SPEEDS[min(max(number, 0), len(SPEEDS) - 1)]
        self.monitor.set_speed(self._wanted_speed)

    def _tell(self, words: str) -> None:
        """Warn about what is not possible in a recording."""
        self.notify(words, severity="warning", markup=False)


def show(monitor: Monitor, settings: ScreenSettings) -> ExitSummary:
    """Show the monitor until the user quits; it has been stopped when this returns.

    Raises:
        Exception: the error that ended the app, if the user did not.
    """
    live = monitor.state.speed is None
    app = MonitorApp(monitor, settings) if live else ReplayApp(monitor, settings)
    try:
        app.run(mouse=bool(settings.options.mouse))
    finally:
        app.end_monitor()
    if app.crash is not None:
        raise app.crash
    return summary_of(app)


def summary_of(app: MonitorApp) -> ExitSummary:
    """Return the exit summary of a finished run."""
    from deeptone_tui.app.actions.leaving import (  # noqa: PLC0415  on leaving only
        exit_lines,
        exit_lines_of_replay,
    )

    state, saved = app.monitor.state, tuple(app.saved_paths)
    if state.speed is not None:
        return ExitSummary(app.return_code or 0, "", exit_lines_of_replay(app), saved)
    counters = state.counters
    lost = counters.lost + counters.dropped_by_source
    line = (
        f"captured {clock(state.seconds)}, "
        f"{counters.results} result{'' if counters.results == 1 else 's'}, lost {length(lost)}"
    )
    return ExitSummary(app.return_code or 0, line, exit_lines(app), saved)
