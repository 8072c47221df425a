"""The look of the screen: at its sizes, in its states, in its themes."""

from collections.abc import Callable

import pytest
from support.screens import app_states
from support.screens.app_states import app_of, drawn, playing
from support.screens.prepared_monitor import PreparedMonitor
from textual.pilot import Pilot

Compare = Callable[..., bool]


@pytest.mark.parametrize(
    "size",
    [(60, 20), (80, 24), (100, 30), (120, 40), (200, 50)],
    ids=lambda size: f"{size[0]}x{size[1]}",
)
def test_sizes(snap_compare: Compare, size: tuple[int, int]) -> None:
    """From the smallest to the largest: more rows, finer scales, longer bars."""
    app = app_of(playing("speech-rt", "gender"))
    assert snap_compare(app, terminal_size=size, run_before=drawn)


def test_too_small(snap_compare: Compare) -> None:
    """What it needs, and what it has."""
    assert snap_compare(app_of(playing()), terminal_size=(50, 12), run_before=drawn)


@pytest.mark.parametrize(
    "state",
    [
        app_states.retrying,
        app_states.refused,
        app_states.stalled,
        app_states.muted,
        app_states.clipping,
        app_states.paused_file,
        app_states.recording,
        app_states.recording_stopped,
        app_states.ended,
    ],
    ids=lambda state: str(state.__name__),
)
def test_states(snap_compare: Compare, state: Callable[[], PreparedMonitor]) -> None:
    """Each is told in words, by a sign, and with what helps."""
    assert snap_compare(app_of(state()), terminal_size=(80, 24), run_before=drawn)


def test_the_mark_is_not_the_endpoints_value(snap_compare: Compare) -> None:
    """Both are shown, and that they differ."""

    async def move(pilot: Pilot[None]) -> None:
        await drawn(pilot)
        await pilot.press("shift+right", "shift+right", "right")

    assert snap_compare(app_of(playing()), terminal_size=(80, 24), run_before=move)


def test_the_mark_at_zero(snap_compare: Compare) -> None:
    """It stands at the end of the scale, and nothing is silence."""

    async def move(pilot: Pilot[None]) -> None:
        await drawn(pilot)
        await pilot.press("0")

    assert snap_compare(app_of(playing()), terminal_size=(80, 24), run_before=move)


def test_frozen_and_read(snap_compare: Compare) -> None:
    """A live source, its screen held, a result selected, new ones waiting."""
    monitor = playing("speech-rt", "gender")

    async def freeze(pilot: Pilot[None]) -> None:
        await drawn(pilot)
        await pilot.press("space", "up", "up", "up")
        monitor.advance(190)
        await drawn(pilot)

    assert snap_compare(app_of(monitor), terminal_size=(80, 24), run_before=freeze)


@pytest.mark.parametrize("span", [30, 300, 900])
def test_spans(snap_compare: Compare, span: int) -> None:
    """The same history, cut finer or coarser."""

    async def choose(pilot: Pilot[None]) -> None:
        await drawn(pilot)
        await pilot.press(*["left_square_bracket"] * 5)
        while app.main.view.span < span:
            await pilot.press("right_square_bracket")

    app = app_of(playing("speech-rt", steps=5000))
    assert snap_compare(app, terminal_size=(100, 30), run_before=choose)


@pytest.mark.parametrize("theme", ["deeptone-light", "deeptone-ansi", "textual-dark", "ansi-light"])
def test_themes(snap_compare: Compare, theme: str) -> None:
    """Our own, and some of Textual's."""
    app = app_of(playing("speech-rt", "gender"), theme=theme)
    assert snap_compare(app, terminal_size=(80, 24), run_before=drawn)


def test_all_models(snap_compare: Compare) -> None:
    """More than there is room for: it is said how many are left out."""
    app = app_of(
        playing("speech-rt", "speech", "gender", "arousal", "emotions", "audio-event", "language")
    )
    assert snap_compare(app, terminal_size=(120, 40), run_before=drawn)


def test_plain(snap_compare: Compare) -> None:
    """ASCII only."""
    app = app_of(playing("speech-rt", "gender"), plain=True, theme=None)
    assert snap_compare(app, terminal_size=(80, 24), run_before=drawn)
