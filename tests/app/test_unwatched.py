"""A terminal without the focus: less is drawn, and nothing is lost."""

import time

import pytest
from support.screens.app_states import app_of, playing
from textual import events

from deeptone_tui.app.screens.main import MainScreen


async def test_without_the_focus_two_updates_a_second_are_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And as many as ever as soon as somebody looks."""
    player, drawn = playing(), 0

    def count(*_: object) -> None:
        nonlocal drawn
        drawn += 1

    app = app_of(player)
    async with app.run_test(size=(80, 24)) as pilot:
        monkeypatch.setattr(MainScreen, "advance", count)
        app.post_message(events.AppBlur())
        await pilot.pause()
        begun, drawn = time.monotonic(), 0
        for _ in range(40):
            player.change()
            await pilot.pause(0.02)
        assert 0 < drawn <= (time.monotonic() - begun) / 0.5 + 1
        app.post_message(events.AppFocus())
        for _ in range(40):
            player.change()
            await pilot.pause(0.02)
        assert drawn > 6
