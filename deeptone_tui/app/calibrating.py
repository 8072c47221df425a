"""Guided calibration, from the key to the suggestion that the screen draws."""

from typing import TYPE_CHECKING, Protocol

from deeptone_tui.app.judged_span import judged_span
from deeptone_tui.app.port import MonitorPort
from deeptone_tui.app.proposal import Proposal, propose
from deeptone_tui.app.screens.calibration_screen import CalibrationScreen
from deeptone_tui.tuning import Evidence

if TYPE_CHECKING:
    from deeptone_tui.app.screens.main import MainScreen


class CalibrationHost(Protocol):
    """What calibration needs of the app."""

    @property
    def monitor(self) -> MonitorPort:
        """Who listens."""
        ...

    @property
    def main(self) -> "MainScreen":
        """What is shown."""
        ...

    async def push_screen_wait(self, screen: CalibrationScreen) -> Evidence | None:
        """Show the dialog and wait for its answer."""
        ...

    def propose(self, proposal: Proposal) -> None:
        """Draw a threshold without taking it."""
        ...


async def calibrate(app: CalibrationHost) -> None:
    """Guide the user through it, and propose what was found; nothing when it is left."""
    monitor = app.monitor
    heard = await app.push_screen_wait(CalibrationScreen(lambda: monitor.state))
    if heard is not None:
        app.propose(propose(judged_span(heard), "the calibration", app.main.view))
