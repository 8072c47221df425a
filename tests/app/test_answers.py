"""What is said to somebody who has asked for something."""

from support.screens.app_states import drawn, running, text_of
from support.screens.prepared_monitor import ScenePlayer

from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.settings import ScreenSettings
from deeptone_tui.monitor.state import Notice
from deeptone_tui.settings.options import Options

REFUSED = "the change was refused, everything stays as it was: here.example.net is not available"


async def test_a_refused_change_is_told_whole() -> None:
    """The log cuts it where there is no room; other news stands in the log only."""
    monitor = ScenePlayer()
    monitor.advance(100)
    app = MonitorApp(monitor, ScreenSettings(options=Options(theme="deeptone-dark")))
    async with running(app) as pilot:
        told = Notice(1, "streaming again"), Notice(2, REFUSED, answer=True)
        monitor.change(notices=told)
        await drawn(pilot)
        assert [each.message for each in app._notifications] == [REFUSED]
        assert "streaming again" in text_of(app)
        monitor.change(notices=(told[0], Notice(3, REFUSED, answer=True)))
        await drawn(pilot)
        assert [each.message for each in app._notifications] == [REFUSED] * 2
