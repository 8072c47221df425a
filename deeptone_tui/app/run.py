"""From a monitor and settings to a screen, and back to the shell."""

from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.port import MonitorPort
from deeptone_tui.app.settings import ExitSummary, Settings
from deeptone_tui.app.wording import length
from deeptone_tui.core.clock import clock


def show(monitor: MonitorPort, settings: Settings) -> ExitSummary:
    """Show the monitor until it is left; it has been stopped when this returns.

    Raises:
        Exception: what ended the screen, where it was not the user.
    """
    app = _app_of(monitor, settings)
    try:
        app.run(mouse=settings.mouse)
    finally:
        app.end_monitor()
    if app.crash is not None:
        raise app.crash
    return summary_of(app)


def _app_of(monitor: MonitorPort, settings: Settings) -> MonitorApp:
    """The screen for what happens now, or for a recording."""
    if monitor.state.speed is None:
        return MonitorApp(monitor, settings)
    from deeptone_tui.app.replay_app import ReplayApp  # noqa: PLC0415  not before it is needed

    return ReplayApp(monitor, settings)


def summary_of(app: MonitorApp) -> ExitSummary:
    """What there is to say about a run that is over."""
    from deeptone_tui.app.leaving import (  # noqa: PLC0415  on leaving only
        last_words,
        last_words_of_a_replay,
    )

    state, saved = app.monitor.state, tuple(app.saved_paths)
    if state.speed is not None:
        return ExitSummary(app.return_code or 0, "", last_words_of_a_replay(app), saved)
    counters = state.counters
    lost = counters.lost + counters.dropped_by_source
    line = (
        f"captured {clock(state.seconds)}, "
        f"{counters.results} result{'' if counters.results == 1 else 's'}, lost {length(lost)}"
    )
    return ExitSummary(app.return_code or 0, line, last_words(app), saved)
