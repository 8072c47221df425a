"""The Textual app, which runs on the main thread and renders the newest state of a monitor.

Importing this package does not import Textual; `run_monitor` does, when it is called.
"""

from typing import TYPE_CHECKING

from deeptone_tui.app.settings import DEFAULT_RECORDINGS, ExitSummary, ScreenSettings

if TYPE_CHECKING:
    from deeptone_tui.monitor import Monitor

__all__ = [
    "DEFAULT_RECORDINGS",
    "ExitSummary",
    "ScreenSettings",
    "run_monitor",
]


def run_monitor(monitor: "Monitor", settings: ScreenSettings) -> ExitSummary:
    """Show the monitor until the user quits; blocks, and must be called on the main thread.

    The monitor is started after the first frame is on the terminal, and has been stopped when
    this returns.

    Args:
        monitor: the monitor, not started yet.
        settings: settings of the screen.

    Returns:
        The summary to print after the terminal has been restored.
    """
    from deeptone_tui.app.run import show  # noqa: PLC0415  Textual only where there is a screen

    return show(monitor, settings)
