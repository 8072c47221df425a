"""The run of the app: from a monitor and settings to the exit summary."""

from dataclasses import replace
from typing import Final

from deeptone_tui.app.actions.leaving import exit_lines, exit_lines_of_replay
from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.commands import COMMANDS
from deeptone_tui.app.presenters.wording import length
from deeptone_tui.app.settings import ScreenSettings
from deeptone_tui.core.text import clock
from deeptone_tui.monitor import Monitor
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.protocol.units import format_both

SPEEDS: Final = (0.5, 1.0, 2.0, 4.0)
"""Replay speeds: seconds of the recording shown per second."""


class ReplayApp(MonitorApp):
    """The app on a recording. Thresholds are tried on the recorded answers."""

    _wanted_speed = 1.0

    @property
    def parameters(self) -> StreamParameters:
        """Recorded parameters with the threshold under the cursor; no endpoint can apply it."""
        return replace(super().parameters, volume_threshold=self.main.view.mark)

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
        self.main.change(tuning=False)

    def apply_mark(self) -> None:
        """Take the suggestion shown, and report that a recording is not judged again."""
        super().apply_mark()
        mark = format_both(self.main.view.mark)
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


def show(monitor: Monitor, settings: ScreenSettings) -> tuple[int, tuple[str, ...]]:
    """Show the monitor until the user quits; blocks, and must be called on the main thread.

    The monitor is started after the first frame is on the terminal, and has been stopped when
    this returns.

    Args:
        monitor: the monitor, not started yet.
        settings: settings of the screen.

    Returns:
        The exit code, 0 after the user or a signal ended the run and 1 after a failure, and the
        lines to print after the terminal has been restored.

    Raises:
        Exception: the error that ended the app, if the user did not.
    """
    live = monitor.state.speed is None
    app = MonitorApp(monitor, settings) if live else ReplayApp(monitor, settings)
    try:
        app.run(mouse=bool(settings.options.mouse))
    finally:
        app.end_monitor()
    if app.first_error is not None:
        raise app.first_error
    return app.return_code or 0, summary_of(app)


def summary_of(app: MonitorApp) -> tuple[str, ...]:
    """Return the lines that sum up a finished run.

    They give the audio captured, results and audio lost, the threshold in force with the command
    line that uses it, and the files written.
    """
    state = app.monitor.state
    counters = state.counters
    saved = (f"saved {path}" for path in app.saved_paths)
    if state.speed is not None:
        return (*exit_lines_of_replay(app), *saved)
    lost = counters.lost + counters.dropped_by_source
    line = (
        f"captured {clock(state.seconds)}, "
        f"{counters.results} result{'' if counters.results == 1 else 's'}, lost {length(lost)}"
    )
    return (line, *exit_lines(app), *saved)
