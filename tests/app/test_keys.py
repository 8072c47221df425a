"""Every key of the main screen, on a prepared monitor."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.screens.app_states import app_of, drawn, paused_file, playing, running, text_of, until
from support.screens.notices import notices
from support.screens.prepared_monitor import FILE, PreparedMonitor, ScenePlayer
from textual import events

from deeptone_tui import audio
from deeptone_tui.app.screens.device_picker import DevicePicker
from deeptone_tui.app.screens.help import HelpScreen
from deeptone_tui.app.screens.prompts import EndpointPrompt, ModelPicker, ThresholdPrompt
from deeptone_tui.app.screens.save_prompt import SavePrompt
from deeptone_tui.app.screens.source_prompt import SourcePrompt
from deeptone_tui.app.screens.tuned_screen import TunedScreen
from deeptone_tui.protocol import StreamParameters, format_threshold
from deeptone_tui.protocol.units import to_dbfs

if TYPE_CHECKING:
    from collections.abc import Callable


def share(text: str) -> int:
    """How many periods are silence, as it is shown."""
    found = re.search(r"(\d+) of \d+ periods are silence", text)
    assert found is not None
    return int(found[1])


@pytest.mark.parametrize(
    ("keys", "dbfs"),
    [
        (["right"], -45.5),
        (["left"], -46.5),
        (["shift+right"], -43.0),
        (["shift+left"], -49.0),
        (["0", "right"], -72.0),
        (["shift+right"] * 17, 0.0),
    ],
)
async def test_arrows_move_the_mark(keys: list[str], dbfs: float) -> None:
    """By half a decibel, with shift by three; both units follow."""
    app = app_of(playing())
    async with running(app) as pilot:
        await pilot.press(*keys)
        assert to_dbfs(app.main.view.mark) == pytest.approx(dbfs, abs=0.01)
        decibels = f"{dbfs:.1f} dBFS".replace("-", "−").replace("−0.0", "0.0")
        shown = f"{format_threshold(app.main.view.mark)}  {decibels}"
        assert shown in text_of(app)


async def test_zero_makes_nothing_silent() -> None:
    """The share of the span follows, and the verdict too."""
    app = app_of(playing())
    async with running(app) as pilot:
        assert "SILENCE" in text_of(app)
        await pilot.press("0")
        assert app.main.view.mark == 0.0
        assert share(text_of(app)) == 0
        assert "SILENCE" not in text_of(app)
        assert "−∞ dBFS" in text_of(app)


async def test_the_mark_repaints_the_history_at_once() -> None:
    """In the frame after the key, without a newer state."""
    app = app_of(playing())
    async with running(app) as pilot:
        before = text_of(app)
        await pilot.press(*["shift+right"] * 5)
        after = text_of(app)
        assert share(before) > 0
        assert "╌╌ −31.0 dBFS" in after
        assert share(after) > share(before)


async def test_a_mark_can_be_typed() -> None:
    """In either unit."""
    app = app_of(playing())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("equals_sign")
        await pilot.pause()
        assert isinstance(app.screen, ThresholdPrompt)
        await pilot.press(*"-40", "enter")
        await app.workers.wait_for_complete()
        assert to_dbfs(app.main.view.mark) == pytest.approx(-40.0)


async def test_enter_gives_the_mark_to_the_endpoint() -> None:
    """Not applied, applying, applied: each in words, the endpoint's own value apart."""
    monitor = PreparedMonitor(playing().state)
    app = app_of(monitor)
    async with running(app) as pilot:
        assert "endpoint 0.0050  −46.0 dBFS   ✓ applied" in text_of(app)
        await pilot.press("shift+right")
        assert "endpoint 0.0050  −46.0 dBFS  ≠ not applied, press enter" in text_of(app)
        await pilot.press("enter")
        asked = replace(monitor.state.session.applied, volume_threshold=app.main.view.mark)  # type: ignore[type-var]  # it is applied
        assert ("apply", asked) in monitor.calls
        await drawn(pilot)
        assert "endpoint 0.007079  −43.0 dBFS   ◌ applying" in text_of(app)
        monitor.change(session=replace(monitor.state.session, applied=asked, pending=None))
        await drawn(pilot)
        assert "endpoint 0.007079  −43.0 dBFS   ✓ applied" in text_of(app)


@pytest.mark.parametrize("typed", ["0.0042169650342", "-47.5", "−47.50 dBFS", "0.004217"])
async def test_not_applied_never_stands_between_equal_numbers(typed: str) -> None:
    """The mark is the decimal that is shown, however it came there; so is what is applied."""
    app = app_of(playing(parameters=StreamParameters(volume_threshold=10 ** (-47.5 / 20))))
    async with running(app) as pilot:
        await pilot.press("right", "right")
        assert "≠" in text_of(app)
        app.post_message(events.Paste(typed))
        await pilot.pause()
        assert app.main.view.mark == 0.004217
        assert "▲ 0.004217  −47.5 dBFS   endpoint 0.004217  −47.5 dBFS   ✓ applied" in text_of(app)
        assert "≠" not in text_of(app)


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_the_longest_thresholds_have_room(size: tuple[int, int]) -> None:
    """What differs, and by which key it is applied, is told with all digits of both."""
    app = app_of(playing(parameters=StreamParameters(volume_threshold=0.0002512)))
    async with running(app, size) as pilot:
        app.main.move_mark(0.0002661)
        await pilot.pause()
        (line,) = (each for each in text_of(app).splitlines() if "▲ 0.0" in each)
        assert "0.0002661  −71.5 dBFS" in line
        assert "endpoint 0.0002512 " in line
        assert line.endswith("enter")


async def test_space_holds_a_file() -> None:
    """And lets it go on."""
    monitor = ScenePlayer(info=FILE)
    monitor.advance(10)
    app = app_of(monitor)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space")
        assert monitor.calls[-1] == ("pause",)
        await drawn(pilot)
        assert "‖ PAUSED" in text_of(app)
        await pilot.press("space")
        assert monitor.calls[-1] == ("resume",)


async def test_space_freezes_the_screen_of_a_live_source() -> None:
    """The picture stands; time, counters and results go on, and it says so."""
    monitor = playing()
    app = app_of(monitor)
    async with running(app) as pilot:
        await pilot.press("space")
        frozen = text_of(app).splitlines()
        assert "‖ FROZEN" in frozen[0]
        assert "streaming goes on" in frozen[0]
        monitor.advance(160)
        await drawn(pilot)
        shown = text_of(app).splitlines()
        assert shown[1:12] == frozen[1:12]
        assert "00:01:27" in shown[0]
        assert "↓ 10 new" in "\n".join(shown)
        await pilot.press("space")
        assert "● STREAMING" in text_of(app)
        assert "following" in text_of(app)
        assert text_of(app).splitlines()[1:12] != frozen[1:12]


async def test_a_frozen_history_can_be_judged_at_another_mark() -> None:
    """That is what it is frozen for."""
    app = app_of(playing())
    async with running(app) as pilot:
        await pilot.press("space", "0")
        assert share(text_of(app)) == 0


def test_the_span_at_the_start_can_be_chosen() -> None:
    """By the option, over that of the last run."""
    assert app_of(playing(), span=200).main.view.span == 300


async def test_brackets_change_the_span(terminal_and_home: Path) -> None:
    """Shorter and longer, to the ends; the span is kept for the next time."""
    place = terminal_and_home / "preferences.json"
    app = app_of(playing(), preferences=place)
    async with running(app) as pilot:
        await pilot.press("right_square_bracket")
        assert "Last 2 minutes" in text_of(app)
        await pilot.press(*["right_square_bracket"] * 9)
        assert "Last 15 minutes" in text_of(app)
        assert "−15 min" in text_of(app)
        await pilot.press(*["left_square_bracket"] * 9)
        assert "Last 30 seconds" in text_of(app)
    assert json.loads(place.read_text())["span"] == 30
    again = app_of(playing(), preferences=place)
    assert again.main.view.span == 30


async def test_f_lists_one_model_after_the_other() -> None:
    """And all again."""
    app = app_of(playing("speech-rt", "gender"))
    async with running(app) as pilot:
        await pilot.press("f")
        assert "speech-rt only" in text_of(app)
        await pilot.press("f")
        assert "gender only" in text_of(app)
        await pilot.press("f")
        assert "only" not in text_of(app)


async def test_c_copies_the_selected_line(terminal_and_home: Path) -> None:
    """The newest one where none is selected; what was done is said."""
    app = app_of(playing())
    async with running(app, notifications=True) as pilot:
        await pilot.press("c")
        await app.workers.wait_for_complete()
        newest = json.loads(app.clipboard)
        await pilot.press("up", "up", "up", "c")
        await app.workers.wait_for_complete()
        copied = json.loads(app.clipboard)
        assert newest["time"] - copied["time"] == pytest.approx(2.048)
        assert copied["results"]["speech-rt"]["result"]
        await pilot.pause()
        assert "clipboard" in text_of(app)
    assert json.loads((terminal_and_home / "deeptone-tui" / "copied.txt").read_text()) == copied


async def test_the_log_is_read_by_keys() -> None:
    """Up holds it, end follows again; new lines are counted meanwhile."""
    monitor = playing()
    app = app_of(monitor)
    async with running(app) as pilot:
        assert "following" in text_of(app)
        await pilot.press("up")
        assert "▸00:01:15.7" in text_of(app)
        assert "end follows" in text_of(app)
        monitor.advance(48)
        await drawn(pilot)
        assert "↓ 3 new" in text_of(app)
        await pilot.press("pageup")
        assert "▸00:01:06.5" in text_of(app) or "▸00:01:05.5" in text_of(app)
        await pilot.press("home")
        assert "▸00:00:00.0" in text_of(app)
        await pilot.press("pagedown", "end")
        assert "following" in text_of(app)
        assert "▸" not in text_of(app)
        await pilot.press("up", "escape")
        assert "following" in text_of(app)


async def test_r_records_until_it_is_pressed_again(tmp_path: Path) -> None:
    """Glyph, word and time are in the first line, and the folder is named in the end."""
    monitor = playing()
    app = app_of(monitor, record=str(tmp_path / "sessions"))
    async with running(app) as pilot:
        await pilot.press("r")
        await drawn(pilot)
        assert monitor.calls[-1] == ("record", tmp_path / "sessions")
        assert "● REC 00:03:12" in text_of(app).splitlines()[0]
        await pilot.press("r")
        await drawn(pilot)
        assert monitor.calls[-1:] == [("stop_recording",)]
        assert "REC" not in text_of(app).splitlines()[0]
    assert app.saved_paths == [tmp_path / "sessions" / "2026-11-22T10-49-03"]


async def test_a_recording_that_stopped_is_told_until_another_begins() -> None:
    """A glance is enough to know that nothing is kept."""
    monitor = playing()
    app = app_of(monitor)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("r")
        recording = monitor.state.recording
        assert recording is not None
        stopped = replace(recording, problem="recording stopped: the disk is full")
        told = notices("recording stopped: the disk is full")
        monitor.change(recording=stopped, notices=told)
        await drawn(pilot)
        assert "✗ REC STOPPED" in text_of(app).splitlines()[0]
        assert "recording stopped: the disk is full" in text_of(app)
        await pilot.press("r")
        await drawn(pilot)
        assert "● REC" in text_of(app).splitlines()[0]


async def test_p_resets_lamp_and_peak() -> None:
    """By the monitor, who counts."""
    monitor = playing()
    async with app_of(monitor).run_test(size=(80, 24)) as pilot:
        await pilot.press("p")
        assert monitor.calls[-1] == ("reset_peaks",)


@pytest.mark.parametrize(
    ("key", "screen"),
    [
        ("d", DevicePicker),
        ("o", SourcePrompt),
        ("e", EndpointPrompt),
        ("m", ModelPicker),
        ("s", SavePrompt),
        ("x", TunedScreen),
        ("question_mark", HelpScreen),
        ("f1", HelpScreen),
    ],
)
async def test_keys_open_their_dialogs(
    key: str, screen: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And escape leaves them without a change."""
    monkeypatch.setattr(audio, "input_devices", list)
    monitor = playing()
    app = app_of(monitor)
    async with running(app) as pilot:
        await pilot.press(key)
        await pilot.pause()
        assert isinstance(app.screen, screen)
        await pilot.press("escape")
        await app.workers.wait_for_complete()
        assert app.screen is app.main
        assert [call for call in monitor.calls if call[0] != "start"] == []


async def test_models_chosen_change_strips_and_columns() -> None:
    """The endpoint is asked for them, and the screen makes room."""
    monitor = playing("speech-rt", "gender")
    app = app_of(monitor)
    async with running(app) as pilot:
        monitor.apply(models=("gender",))
        await drawn(pilot)
        lines = text_of(app).splitlines()
        assert not any("speech-rt" in line for line in lines)
        assert lines[11].rstrip().endswith("gender")
        assert "Results" in lines[12]


@pytest.mark.parametrize("key", ["q", "ctrl+q", "ctrl+c"])
async def test_keys_that_leave(key: str) -> None:
    """The monitor ends with the screen."""
    monitor = playing()
    app = app_of(monitor)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: bool(monitor.calls))
        await pilot.press(key)
        await pilot.pause()
    app.end_monitor()
    assert not app.is_running
    assert [call[0] for call in monitor.calls] == ["start", "stop"]
    assert app.return_code == 0


@pytest.mark.parametrize(("key", "calls"), [("ctrl+c", ["stop"]), ("space", ["start", "stop"])])
async def test_keys_before_the_monitor_starts(
    key: str, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that leaves it starts nothing any more, any other starts it first."""
    monitor = playing()
    app = app_of(monitor)
    late: list[Callable[[], None]] = []
    with monkeypatch.context() as patched:
        patched.setattr(app, "call_after_refresh", late.append)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: bool(late))
            assert monitor.calls == []
            await pilot.press(key)
            assert [call[0] for call in monitor.calls][:1] == calls[:1]
            late[0]()
            if app.is_running:
                app.exit()
    app.end_monitor()
    assert [call[0] for call in monitor.calls] == calls


async def test_q_is_a_letter_where_one_types() -> None:
    """A dialog keeps its letters."""
    app = app_of(playing())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("equals_sign")
        await pilot.pause()
        await pilot.press("q")
        assert app.is_running
        assert isinstance(app.screen, ThresholdPrompt)


async def test_commands_of_the_palette_do_what_the_keys_do() -> None:
    """One of them, by its name."""
    app = app_of(playing())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause()
        await pilot.press(*"threshold to 0")
        await app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert app.main.view.mark == 0.0


async def test_a_file_shows_its_position() -> None:
    """And its length."""
    app = app_of(paused_file())
    async with running(app):
        assert "at 0:25/1:03" in text_of(app)
