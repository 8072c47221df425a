"""What is pasted on the main screen."""

import pytest
from support.screens.app_states import app_of, playing, running, text_of
from textual import events

from deeptone_tui.protocol.units import format_both


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("0.0125", 0.0125),
        (" 0.0125\n", 0.0125),
        ("-38 dB", 0.01259),
        ("−38.0 dBFS", 0.01259),
        ("0", 0.0),
    ],
)
async def test_a_threshold_moves_the_mark(text: str, level: float) -> None:
    """In either unit, as the program writes it or as people do; nothing is applied."""
    monitor = playing()
    app = app_of(monitor)
    async with running(app) as pilot:
        app.post_message(events.Paste(text))
        await pilot.pause()
        assert app.main.view.mark == level
        assert format_both(level) in text_of(app)
        assert not [call for call in monitor.calls if call[0] == "apply"]


@pytest.mark.parametrize(
    "text",
    ["", "loud", "1.5", "0.01\n0.02", "q", "[red]x", "loud " * 999],
    ids=lambda text: ascii(text[:9]),
)
async def test_anything_else_is_told_in_one_line(text: str) -> None:
    """And is not typed as keys."""
    app = app_of(playing())
    async with running(app, notifications=True) as pilot:
        before = app.main.view.mark
        app.post_message(events.Paste(text))
        await pilot.pause()
        assert app.main.view.mark == before
        assert "That is not a threshold" in text_of(app)
