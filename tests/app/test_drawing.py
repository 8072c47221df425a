"""What a frame costs: only what has changed is drawn, and told to the terminal."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from support.screens.app_states import app_of, drawn, playing, running, text_of
from support.screens.notices import notices
from support.screens.prepared_monitor import PreparedMonitor, meter
from textual.geometry import Region

from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.run import summary_of
from deeptone_tui.app.widgets.painted import StripWidget
from deeptone_tui.monitor.state import Notice, SourcePhase
from deeptone_tui.settings.options import Options


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each part asked the terminal to be told something."""
    counts: Counter[str] = Counter()
    refresh = StripWidget.refresh

    def counted(self: StripWidget, *regions: Region, **options: bool) -> StripWidget:
        counts[type(self).__name__] += 1
        return refresh(self, *regions, **options)

    monkeypatch.setattr(StripWidget, "refresh", counted)
    return counts


async def test_a_state_that_looks_the_same_draws_nothing(told: Counter[str]) -> None:
    """However often it is published."""
    monitor = PreparedMonitor(playing().state)
    app = app_of(monitor)
    async with running(app, (100, 30)) as pilot:
        told.clear()
        for _ in range(5):
            monitor.change()
            await drawn(pilot)
        assert not told


async def test_a_new_level_draws_the_bar_alone(told: Counter[str]) -> None:
    """Within a step of 64 ms, nothing else moves."""
    monitor = PreparedMonitor(playing().state)
    app = app_of(monitor)
    async with running(app, (100, 30)) as pilot:
        told.clear()
        monitor.change(meter=replace(meter(-20.0), peak=monitor.state.meter.peak))
        await drawn(pilot)
        assert set(told) == {"LevelMeter"}


async def test_the_timeline_is_drawn_when_a_column_is_complete(told: Counter[str]) -> None:
    """Not with every step: at home that is once a second."""
    monitor = playing()
    app = app_of(monitor)
    async with running(app) as pilot:
        told.clear()
        for _ in range(47):  # 3.008 s
            monitor.advance()
            await drawn(pilot)
        rows = app.main.timeline.rows
        assert told["Timeline"] <= 4 * rows
        assert told["StatusLine"] <= 4


async def test_a_key_draws_what_depends_on_the_mark(told: Counter[str]) -> None:
    """And nothing that does not."""
    app = app_of(PreparedMonitor(playing().state))
    async with running(app) as pilot:
        told.clear()
        await pilot.press("shift+right")
        assert {"LevelMeter", "ThresholdLine", "Timeline", "TimelineRule"} <= set(told)
        assert not {"StatusLine", "KeyBar", "ClassStrips", "Banner"} & set(told)


async def test_another_mark_leaves_a_log_that_is_held_as_it_is() -> None:
    """Its lines are drawn anew, and it does not follow."""
    app = app_of(playing())
    async with running(app) as pilot:
        await pilot.press("space", "right")
        assert "end follows" in text_of(app)


async def test_the_monitor_starts_after_the_first_frame() -> None:
    """Everything that is slow to load comes with it."""
    monitor = PreparedMonitor()
    app = app_of(monitor)
    assert monitor.calls == []
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert monitor.calls == [("start",)]
        assert "Level" in text_of(app)


@pytest.mark.parametrize("size", [(59, 24), (80, 19), (20, 5), (1, 1)])
async def test_a_small_terminal_is_told_what_is_needed(size: tuple[int, int]) -> None:
    """With the size that it has; the screen is back as soon as it fits."""
    app = app_of(playing())
    async with running(app, size) as pilot:
        if size[0] > 40:
            assert "needs at least 60×20" in text_of(app)
            assert f"this is {size[0]}×{size[1]}" in text_of(app)
            assert "STREAMING" in text_of(app)
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "Last minute" in text_of(app)


async def test_every_size_is_filled(told: Counter[str]) -> None:
    """Through all of them and back, without an error and without a gap at the right."""
    del told
    app = app_of(playing("speech-rt", "gender", "speech"))
    async with running(app) as pilot:
        for width, height in [(60, 20), (110, 22), (81, 31), (200, 50), (61, 60), (300, 25)]:
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            lines = text_of(app).splitlines()
            assert len(lines) == height
            assert lines[-1].rstrip().endswith("q quit")
            assert all(len(line) <= width for line in lines)
            assert sum("─" in line for line in lines) == 3


async def test_a_theme_is_used_at_once_and_kept(terminal_and_home: Path) -> None:
    """Also for the next start."""
    app = app_of(playing(), preferences=terminal_and_home / "preferences.json")
    async with running(app) as pilot:
        before = app.main.palette["above"]
        app.theme = "nord"
        await pilot.pause()
        await pilot.pause()
        assert app.main.palette["above"] != before
    assert app.preferences.choices.theme == "nord"
    settings = replace(app.settings, options=Options())
    assert MonitorApp(playing(), settings).theme == "nord"


@pytest.mark.parametrize(
    ("variable", "value", "theme"),
    [
        ("NO_COLOR", "1", "deeptone-ansi"),
        ("TERM", "linux", "deeptone-ansi"),
        ("TERM", "xterm-256color", "deeptone-dark"),
    ],
)
def test_a_simple_terminal_gets_its_own_colours(
    variable: str, value: str, theme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless a theme was asked for."""
    monkeypatch.setenv(variable, value)
    assert app_of(playing(), theme=None).theme == theme
    assert app_of(playing(), theme="nord").theme == "nord"


async def test_without_colours_every_state_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR leaves words and signs, and not one colour."""
    monkeypatch.setenv("NO_COLOR", "1")
    app = app_of(playing("speech-rt", "gender"), theme=None)
    async with running(app):
        colours = {
            colour.name
            for strip in app.screen._compositor.render_strips()
            for segment in strip
            if segment.style is not None
            for colour in (segment.style.color, segment.style.bgcolor)
            if colour is not None
        }
        assert colours <= {"default"}
        assert "● STREAMING" in text_of(app)


async def test_plain_is_ascii() -> None:
    """All of it, dialogs too."""
    app = app_of(playing("speech-rt", "gender"), plain=True, theme=None)
    async with running(app) as pilot:
        assert text_of(app).isascii()
        await pilot.press("equals_sign")
        await pilot.pause()
        assert text_of(app).isascii()


async def test_notices_are_told() -> None:
    """Those of the start in passing, those of the monitor in the log, each once."""
    monitor = playing()
    app = app_of(monitor, notices=("no input device: playing the demo",))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert [notice.message for notice in app._notifications] == list(app.settings.notices)
        monitor.change(notices=notices("lost 0.13 s between two connections"))
        await drawn(pilot)
        monitor.change(notices=notices("lost 0.13 s between two connections", "reconnected"))
        await drawn(pilot)
        text = text_of(app)
        assert text.count("lost 0.13 s between two connections") == 1
        assert text.count("reconnected") == 1


async def test_what_answers_a_request_is_told_whole_too() -> None:
    """The log cuts it where there is no room; other news stands in the log only."""
    refused = (
        "the change was refused, everything stays as it was: here.example.net is not available"
    )
    monitor = playing()
    app = app_of(monitor)
    async with running(app) as pilot:
        first = Notice(1, "streaming again")
        for number in (2, 3):
            monitor.change(notices=(first, Notice(number, refused, answer=True)))
            await drawn(pilot)
            assert [each.message for each in app._notifications] == [refused] * (number - 1)
        assert "streaming again" in text_of(app)


async def test_what_is_said_afterwards() -> None:
    """How long, how much, what was lost."""
    monitor = playing(steps=1000)
    monitor.change(counters=replace(monitor.state.counters, lost=2080))
    app = app_of(monitor)
    async with running(app):
        app.exit()
    captured, *others = summary_of(app)
    assert captured == "captured 00:01:04, 62 results, lost 0.13 s"
    assert not app.return_code
    assert not any(line.startswith("saved ") for line in others)


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        (80, "00:01:16  →1:14→1:12  lost 0 s"),
        (120, "00:01:16   →1:14→1:12   lost 0 s"),
        (160, "sent 1:14, covered 1:12   00:01:16   lost 0 s"),
    ],
)
async def test_the_first_line_tells_how_far_the_audio_has_come(columns: int, told: str) -> None:
    """Captured, sent, covered by results, whatever the width; and again when it stands still."""
    monitor = playing()
    reached = replace(monitor.state.counters, sent=74 * 16_000, answered=72 * 16_000)
    monitor.change(counters=reached)
    app = app_of(monitor)
    async with running(app, (columns, 24)) as pilot:
        assert told in text_of(app)
        lost = replace(monitor.state.source, phase=SourcePhase.LOST)
        monitor.change(source=lost)
        await drawn(pilot)
        monitor.change(counters=replace(reached, answered=73 * 16_000))
        await drawn(pilot)
        assert "1:13" in text_of(app).splitlines()[0]


async def test_the_names_make_room_for_that_while_the_audio_is_behind() -> None:
    """At 80 columns it is told when it matters, and what was lost beside it."""
    monitor = playing()
    counters = monitor.state.counters
    reached = replace(counters, sent=44 * 16_000, answered=42 * 16_000, behind=32 * 16_000)
    monitor.change(counters=replace(reached, lost=2080))
    app = app_of(monitor)
    async with running(app):
        first = text_of(app).splitlines()[0]
        assert "behind 32.00 s  00:01:16  →0:44→0:42  lost 0.13 s" in first
        assert "local" in first
