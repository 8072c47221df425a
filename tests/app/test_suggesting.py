"""The suggestion: asked for, drawn, taken or left."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from support.screens.app_states import app_of, drawn, playing, running, text_of
from textual.pilot import Pilot

from deeptone_tui import tuning
from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.presenters.threshold import Proposal
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.protocol.units import from_dbfs
from deeptone_tui.tuning import Cost, Margin, Part, Suggestion, Verdict

COST = Cost(from_dbfs(-40.0), Part(27, 55), Part(1, 28), Part(2, 24), Part(1, 3))
FOUND = Suggestion(
    Verdict.OK,
    from_dbfs(-40.0),
    from_dbfs(-52.1),
    from_dbfs(-25.3),
    COST,
    Margin(3.1, 4.2),
    0.87,
    0.0,
    "The room and the voice stand well apart, and the threshold is in the middle between them.",
)
NOTHING = Suggestion(
    Verdict.NO_SPEECH, None, None, None, None, None, 0.0, 0.0, "Say something, and ask again."
)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search always finds the same."""
    monkeypatch.setattr(tuning, "suggest_from", lambda *_: FOUND)


async def test_a_draws_a_suggestion_and_changes_nothing(found: None) -> None:
    """The threshold in both units, costs, confidence, reason; the mark stays."""
    del found
    monitor = playing()
    app = app_of(monitor)
    async with running(app) as pilot:
        await pilot.press("a")
        await pilot.pause()
        text = text_of(app)
        assert "△ suggested 0.0100  −40.0 dBFS" in text
        assert "confidence 87 %   from the last minute" in text
        assert "with it:  speech lost 1 of 28, noise passed 2 of 24" in text
        assert "applied:  speech lost" in text
        assert "at 0.0050" in text
        assert "The room and the voice stand well apart" in text
        assert app.main.view.mark == 0.005
        assert [call[0] for call in monitor.calls] == ["start"]


async def test_enter_takes_it(found: None) -> None:
    """The mark goes there, and the endpoint gets it."""
    del found
    monitor = playing()
    app = app_of(monitor)
    async with running(app) as pilot:
        await pilot.press("a", "enter")
        await drawn(pilot)
        assert app.main.view.mark == FOUND.threshold
        assert monitor.calls[-1] == ("apply", StreamParameters(volume_threshold=app.main.view.mark))
        assert "suggested" not in text_of(app)
        assert "✓ applied" in text_of(app)


async def test_escape_leaves_all_as_it_was(found: None) -> None:
    """To the last cell; another escape follows the newest result, as ever."""
    del found
    monitor = playing()
    app = app_of(monitor)
    async with running(app) as pilot:
        await pilot.press("up")
        before = text_of(app)
        await pilot.press("a")
        await pilot.pause()
        assert text_of(app) != before
        await pilot.press("escape")
        await pilot.pause()
        assert text_of(app) == before
        await pilot.press("escape")
        assert "following" in text_of(app)
        assert [call[0] for call in monitor.calls] == ["start"]


async def test_without_a_threshold_there_is_nothing_to_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The sentence says why; enter only takes it away."""
    monkeypatch.setattr(tuning, "suggest_from", lambda *_: NOTHING)
    monitor = playing()
    app = app_of(monitor)
    async with running(app) as pilot:
        await pilot.press("a")
        await pilot.pause()
        assert "✗ no speech heard" in text_of(app)
        assert "Say something, and ask again." in text_of(app)
        assert "suggested" not in text_of(app)
        await pilot.press("enter")
        await pilot.pause()
        assert "no speech heard" not in text_of(app)
        assert [call[0] for call in monitor.calls] == ["start"]


async def test_nothing_heard_yet_is_too_little() -> None:
    """By the search itself: it never guesses."""
    app = app_of(playing(steps=0))
    async with running(app) as pilot:
        await pilot.press("a")
        await pilot.pause()
        assert "✗ too little audio" in text_of(app)


async def test_the_search_finds_the_valley_of_a_scene() -> None:
    """By the search itself, with an endpoint that judges everything: above the room."""
    app = app_of(playing(parameters=StreamParameters(volume_threshold=0.0)))
    async with running(app) as pilot:
        await pilot.press("a", "enter")
        await drawn(pilot)
        assert from_dbfs(-56.0) < app.main.view.mark < from_dbfs(-20.0)


@pytest.mark.parametrize("mark", [-72.0, -60.0, -41.0, -40.0, -36.0, 0.0])
@pytest.mark.parametrize("dbfs", [-70.0, -60.0, -40.0, -2.0])
async def test_the_sign_has_its_word_wherever_it_stands(mark: float, dbfs: float) -> None:
    """At the ends of the scale, under it, and next to the mark."""
    app = app_of(playing())
    async with running(app, (60, 20)) as pilot:
        app.main.move_mark(from_dbfs(mark))
        app.main.change(
            proposed=Proposal(replace(FOUND, threshold=from_dbfs(dbfs)), "the last minute")
        )
        await pilot.pause()
        scale = text_of(app).splitlines()[3]
        assert "suggested" in scale
        assert "▲" in scale or "◀" in scale


@pytest.mark.parametrize("dbfs", np.arange(-60.0, 0.1, 1.5))
async def test_no_label_of_the_scale_is_cut(dbfs: float) -> None:
    """Half a number is another number, and half a word is none."""
    app = app_of(playing())
    async with running(app) as pilot:
        app.main.change(
            proposed=Proposal(replace(FOUND, threshold=from_dbfs(dbfs)), "the last minute")
        )
        await pilot.pause()
        scale = text_of(app).splitlines()[4][:64]
        assert "△" in scale
        assert scale.count(" dBFS") == 1
        words = scale.replace("△", " ").replace("▲", " ").replace(" dBFS", "").split()
        assert set(words) <= {*(f"╵−{level}" for level in range(10, 61, 10)), "╵0", "suggested"}


@pytest.mark.parametrize("size", [(60, 20), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("suggestion", [FOUND, NOTHING], ids=["found", "nothing"])
def test_looks(
    snap_compare: Callable[..., bool], size: tuple[int, int], suggestion: Suggestion
) -> None:
    """Drawn on the axis by a sign with its word, and told below it."""

    async def propose(pilot: Pilot[None]) -> None:
        await drawn(pilot)
        assert isinstance(pilot.app, MonitorApp)
        pilot.app.main.change(proposed=Proposal(suggestion, "the last minute"))

    assert snap_compare(app_of(playing()), terminal_size=size, run_before=propose)
