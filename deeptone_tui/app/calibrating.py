"""Guided calibration, from the key to the suggestion that the screen draws."""

from typing import Protocol

from deeptone_tui.app.port import MonitorPort
from deeptone_tui.app.proposal import Proposal
from deeptone_tui.app.screens.calibration_screen import CalibrationScreen
from deeptone_tui.tuning import Suggestion


class CalibrationHost(Protocol):
    """What calibration needs of the app."""

    @property
    def monitor(self) -> MonitorPort:
        """Who listens."""
        ...

    async def push_screen_wait(self, screen: CalibrationScreen) -> Suggestion | None:
        """Show the dialog and wait for its answer."""
        ...

    def propose(self, proposal: Proposal) -> None:
        """Draw a threshold without taking it."""
        ...


async def calibrate(app: CalibrationHost) -> None:
    """Guide the user through it, and propose what was found; nothing when it is left."""
    monitor = app.monitor
    found = await app.push_screen_wait(CalibrationScreen(lambda: monitor.state))
    if found is not None:
        app.propose(Proposal(found, "the calibration"))
