"""The prompts for threshold, endpoint and file."""

from pathlib import Path

import pytest
from support.screens.dialog_host import Asked
from textual.widgets import Input, Static

from deeptone_tui.app.actions.in_force import EndpointChoice
from deeptone_tui.app.presenters.exports import ExportFormat
from deeptone_tui.app.screens.prompts import EndpointPrompt, ThresholdPrompt, meaning
from deeptone_tui.app.screens.save_prompt import FileRequest, SavePrompt, obstacle
from deeptone_tui.protocol import round_threshold
from deeptone_tui.protocol.units import from_dbfs
from deeptone_tui.session import RemoteTarget


@pytest.mark.parametrize(
    ("typed", "level"), [("0.01", 0.01), ("-46 dBFS", round_threshold(from_dbfs(-46))), ("0", 0.0)]
)
async def test_a_threshold_is_taken_in_either_unit(typed: str, level: float) -> None:
    """Enter answers with the level."""
    app = Asked(lambda: ThresholdPrompt(0.005))
    async with app.run_test() as pilot:
        app.screen.query_one(Input).value = typed
        await pilot.press("enter")
        await app.until_answered(pilot)
        assert app.answers == [pytest.approx(level)]


async def test_a_threshold_that_is_none_is_told_in_the_dialog() -> None:
    """The dialog stays, says what is allowed, and takes it back as soon as one types on."""
    app = Asked(lambda: ThresholdPrompt(0.005))
    async with app.run_test() as pilot:
        await pilot.press(*"6 dB", "enter")
        assert app.answers == []
        assert "decibels from 0 down" in app.problem
        await pilot.press("backspace")
        assert app.problem == ""
        await pilot.press("escape")
        assert app.answers == [None]


async def test_the_other_unit_is_shown_while_typing() -> None:
    """Both units stand under the field, and a dash while there is no number."""
    app = Asked(lambda: ThresholdPrompt(0.005))
    async with app.run_test() as pilot:
        shown = app.screen.query_one("#meaning", Static)
        assert str(shown.render()) == "= 0.0050  −46.0 dBFS"
        await pilot.press(*"-20")
        await pilot.pause()
        assert str(shown.render()) == "= 0.1000  −20.0 dBFS"
    assert meaning("-") == "= –"


@pytest.mark.parametrize("url", [None, "ws://10.0.0.5:8765/stream"])
async def test_enter_on_the_current_endpoint_answers_with_it(url: str | None) -> None:
    """The dialog begins with what is in use."""
    app = Asked(lambda: EndpointPrompt(url))
    async with app.run_test() as pilot:
        await pilot.press("enter")
        await pilot.pause()
    assert app.answers == [EndpointChoice(url)]


async def test_an_address_in_force_is_shown_without_its_secrets() -> None:
    """Enter keeps it whole; a part of it that is changed needs all of it."""
    url = "ws://me:password@h/stream?x=QUERYSECRET"
    RemoteTarget(url)
    app = Asked(lambda: EndpointPrompt(url))
    async with app.run_test(size=(100, 30)) as pilot:
        field = app.screen.query_one("#url", Input)
        assert field.value == "ws://***@h/stream?x=***"
        field.value = "ws://***@other/stream?x=***"
        await pilot.press("enter")
        await pilot.pause()
        assert "type the whole address" in app.problem
        field.value = "ws://***@h/stream?x=***"
        await pilot.press("enter")
        await pilot.pause()
    assert app.answers == [EndpointChoice(url)]


async def test_another_endpoint_is_typed_with_its_key() -> None:
    """The arrows choose, tab goes on, and the key is shown nowhere."""
    app = Asked(lambda: EndpointPrompt(None))
    async with app.run_test() as pilot:
        assert not app.screen.query_one("#remote").display
        app.screen.query_one("#url", Input).value = "wss://voice.example.net"
        await pilot.press("down", "tab", "tab", *"hush")
        await pilot.pause()
        assert "hush" not in app.export_screenshot()
        await pilot.press("enter")
        await pilot.pause()
    assert app.answers == [EndpointChoice("wss://voice.example.net/stream", "hush")]
    assert "hush" not in repr(app.answers)


async def test_a_wrong_address_or_key_is_told_in_the_dialog() -> None:
    """The line says how it looks, and never repeats what may hold a key."""
    app = Asked(lambda: EndpointPrompt("ws://h/stream"))
    async with app.run_test() as pilot:
        url, key = (app.screen.query_one(name, Input) for name in ("#url", "#key"))
        for wrong, words in (
            ("", "wss://HOST/stream"),
            ("ftp://hush", "wss://HOST/stream"),
            ("ws://hush:99999", "wss://HOST/stream"),
            ("ws://h/stream?models=gender", "models belongs in its own option"),
        ):
            url.value = wrong
            await pilot.press("enter")
            await pilot.pause()
            assert words in app.problem
            assert "hush" not in app.problem
        url.value, key.value = "ws://h/stream", "two words"
        await pilot.press("enter")
        await pilot.pause()
        assert "one word" in app.problem
        assert app.answers == []


async def test_a_key_in_the_clear_is_warned_about() -> None:
    """Sending a key over ws:// to another machine is possible, but said."""
    app = Asked(lambda: EndpointPrompt("ws://10.0.0.5/stream"))
    async with app.run_test() as pilot:
        await pilot.press("tab", "tab", "k")
        await pilot.pause()
        assert "not encrypted" in str(app.screen.query_one("#warning", Static).render())


async def test_saving_answers_with_path_and_format(folder: Path) -> None:
    """The proposed name is in the folder, and tilde means home."""
    app = Asked(lambda: SavePrompt(FileRequest(folder / "results.jsonl")))
    async with app.run_test() as pilot:
        await pilot.press("enter")
        await pilot.pause()
    assert app.answers == [FileRequest(folder / "results.jsonl", ExportFormat.JSON_LINES)]


async def test_format_and_suffix_follow_each_other(folder: Path) -> None:
    """Choosing CSV changes the suffix; typing a suffix changes the format."""
    app = Asked(lambda: SavePrompt(FileRequest(folder / "r.jsonl")))
    async with app.run_test() as pilot:
        field = app.screen.query_one(Input)
        await pilot.press("tab", "down")
        await pilot.pause()
        assert field.value == str(folder / "r.csv")
        field.value = "mine.jsonl"
        await pilot.pause()
        field.value = "mine.txt"
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
    assert app.answers == [FileRequest(folder / "mine.txt", ExportFormat.JSON_LINES)]


async def test_an_existing_file_needs_a_second_enter(folder: Path) -> None:
    """The first enter asks; typing another name takes the consent back."""
    (folder / "a.csv").touch()
    (folder / "b.csv").touch()
    app = Asked(lambda: SavePrompt(FileRequest(folder / "r.jsonl")))
    async with app.run_test() as pilot:
        field = app.screen.query_one(Input)
        field.value = "a.csv"
        await pilot.press("enter")
        assert app.problem == "✗ a.csv exists. Press enter again to replace it."
        field.value = "b.csv"
        await pilot.pause()
        assert app.problem == ""
        await pilot.press("enter")
        assert app.answers == []
        await pilot.press("enter")
        await pilot.pause()
    assert app.answers == [FileRequest(folder / "b.csv", ExportFormat.CSV, overwrite=True)]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "is a folder: add a name"),
        ("sub", "is a folder: add a name"),
        ("none/r.csv", "There is no folder"),
        ("/dev/null", "is not a file"),
        ("a\0b", "not usable"),
        ("x" * 300 + "/r.csv", "cannot be used: file name too long"),
    ],
)
def test_an_obstacle_is_known_before_writing(folder: Path, typed: str, words: str) -> None:
    """What can be said at once is said at once."""
    (folder / "sub").mkdir()
    assert words in obstacle(folder / typed)


async def test_an_obstacle_is_told_in_the_dialog(folder: Path) -> None:
    """The dialog stays."""
    app = Asked(lambda: SavePrompt(FileRequest(folder / "r.jsonl")))
    async with app.run_test() as pilot:
        app.screen.query_one(Input).value = "none/r.csv"
        await pilot.press("enter")
        await pilot.pause()
        assert "There is no folder" in app.problem
        assert app.answers == []


def at_once(app: Asked, *keys: str) -> None:
    """Press keys as a stalled link delivers them: all together."""
    for key in keys:
        app.simulate_key(key)


async def test_keys_that_come_at_once_keep_their_order() -> None:
    """Enter does not overtake what was typed before it, nor act twice."""
    app = Asked(lambda: ThresholdPrompt(0.005))
    async with app.run_test() as pilot:
        at_once(app, "0", "1", "enter", "enter")
        await app.until_answered(pilot)
        assert app.answers == [1.0]
        assert len(app.screen_stack) == 1


async def test_a_key_typed_at_once_is_never_seen() -> None:
    """Tab goes on before what follows it arrives: no key in the field of the address."""
    app = Asked(lambda: EndpointPrompt("ws://h/stream"))
    async with app.run_test() as pilot:
        at_once(app, "tab", "tab", *"hush", "enter")
        await app.until_answered(pilot)
    assert app.answers == [EndpointChoice("ws://h/stream", "hush")]
