"""Typing a source: completion of paths, and what is said of a wrong one."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.screens.dialog_host import Asked
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from deeptone_tui.app.screens.source_prompt import (
    SourcePrompt,
    check_source,
    complete_path,
)
from deeptone_tui.audio import SourceError


@pytest.fixture
def recordings(folder: Path) -> Path:
    """A folder with two recordings, a hidden one and a folder."""
    (folder / "Office").mkdir()
    (folder / "Office" / "deep.wav").touch()
    for name in ("office-1.wav", "office-2.wav", ".hidden.wav"):
        (folder / name).touch()
    return folder


def test_completions_are_folders_first_then_files(recordings: Path) -> None:
    """Hidden ones are left out until their dot is typed."""
    assert complete_path("").paths == ("Office/", "office-1.wav", "office-2.wav")
    assert complete_path(".").paths == (".hidden.wav",)
    assert complete_path(f"{recordings}/Of").paths == (f"{recordings}/Office/",)


@pytest.mark.usefixtures("recordings")
def test_completion_goes_as_far_as_all_agree() -> None:
    """As a shell's tab does; where nothing fits, what was typed stays."""
    assert complete_path("off").common == "office-"
    assert complete_path("Office/d").common == "Office/deep.wav"
    assert complete_path("nothing").common == "nothing"
    assert complete_path("none/at/all").common == "none/at/all"


def test_the_tilde_stays_as_typed(recordings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is understood, and not written out under the user's fingers."""
    monkeypatch.setenv("HOME", str(recordings))
    assert complete_path("~/off").common == "~/office-"


def test_a_huge_folder_is_listed_in_part(folder: Path) -> None:
    """What is beyond the limit is counted, and still shortens the common part."""
    for index in range(30):
        (folder / f"take-{index:02}.wav").touch()
    found = complete_path("ta", limit=5)
    assert (len(found.paths), found.more, found.common) == (5, 25, "take-")


@given(st.text(max_size=30))
def test_whatever_is_typed_is_answered(typed: str) -> None:
    """No text makes completion fail, and it never takes away what was typed."""
    found = complete_path(typed)
    assert found.common.startswith(typed) or not found.paths


async def settled(pilot: Pilot[None]) -> None:
    """Wait until the folder has been read and shown."""
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


@pytest.mark.usefixtures("recordings")
async def test_a_name_that_would_steer_the_terminal_is_offered_and_taken() -> None:
    """As it may be shown; what is answered is the name that the file has."""
    name = os.fsdecode(b"steer\x1b]0;title\x07\n\xff.wav")
    Path(name).touch()  # noqa: ASYNC240  before anything runs
    app = Asked(SourcePrompt)
    async with app.run_test() as pilot:
        await pilot.press(*"steer")
        await settled(pilot)
        offered = app.screen.query_one(OptionList).get_option_at_index(0).prompt
        assert str(offered) == "steer�]0;title���.wav"
        await pilot.press("tab")
        await settled(pilot)
        await pilot.press("enter")
        await app.until_answered(pilot)
    assert app.answers == [name]


@pytest.mark.parametrize("typed", ["mic", "demo", "tcp://10.0.0.5:7000", " office-1.wav "])
@pytest.mark.usefixtures("recordings")
def test_a_good_source_is_taken(typed: str) -> None:
    """In the words of the command line."""
    assert check_source(typed) == typed.strip()


def test_the_tilde_is_written_out_in_the_answer() -> None:
    """Nothing behind the dialog has to know about homes."""
    home = Path.home()
    home.mkdir(exist_ok=True)
    (home / "a.wav").touch()
    assert check_source("~/a.wav") == str(home / "a.wav")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "the source is empty"),
        ("nothing.wav", "there is no file nothing.wav"),
        ("Office", "Office is a folder"),
        ("tcp://host", "tcp://HOST:PORT"),
        ("tcp://host:0", "no usable port"),
        ("http://host/a.wav", "http:// is no source"),
        ("-", "a pipe can only be given at the start"),
        ("a\0b", "there is no file"),
    ],
)
@pytest.mark.usefixtures("recordings")
def test_a_wrong_source_is_told_in_one_line(typed: str, words: str) -> None:
    """Whatever can be found out before it is opened."""
    with pytest.raises(SourceError, match=re.escape(words)) as caught:
        check_source(typed)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("recordings")
async def test_what_is_wrong_is_told_in_the_dialog() -> None:
    """The dialog stays, until it is right or left."""
    app = Asked(SourcePrompt)
    async with app.run_test() as pilot:
        app.screen.query_one(Input).value = "nothing.wav"
        await pilot.press("enter")
        await settled(pilot)
        assert "there is no file nothing.wav" in app.problem
        app.screen.query_one(Input).value = "office-1.wav"
        await settled(pilot)
        assert app.problem == ""
        await pilot.press("enter")
        await app.until_answered(pilot)
    assert app.answers == ["office-1.wav"]


@pytest.mark.usefixtures("recordings")
async def test_tab_completes_and_the_list_is_entered_by_an_arrow() -> None:
    """A folder taken from the list goes into the field, a file is the answer."""
    app = Asked(SourcePrompt)
    async with app.run_test() as pilot:
        await settled(pilot)
        offers = app.screen.query_one(OptionList)
        assert [str(offers.get_option_at_index(i).prompt).split()[0] for i in range(5)] == [
            *("mic", "demo", "tcp://", "Office/", "office-1.wav"),
        ]
        await pilot.press("O")
        await settled(pilot)
        await pilot.press("down", "enter")
        await settled(pilot)
        assert app.screen.query_one(Input).value == "Office/"
        await pilot.press("tab")
        await settled(pilot)
        assert app.screen.query_one(Input).value == "Office/deep.wav"
        await pilot.press("enter")
        await settled(pilot)
    assert app.answers == ["Office/deep.wav"]


@pytest.mark.usefixtures("recordings")
async def test_a_click_takes_an_offer() -> None:
    """Half an address goes into the field; the demo is an answer."""
    app = Asked(SourcePrompt)
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.click(OptionList, offset=(2, 2))
        await settled(pilot)
        assert app.screen.query_one(Input).value == "tcp://"
        app.screen.query_one(Input).value = ""
        await settled(pilot)
        await pilot.click(OptionList, offset=(2, 1))
        await settled(pilot)
    assert app.answers == ["demo"]


@pytest.mark.parametrize("keys", [["d", "e", "m", "o", "enter"], ["d", "e", "tab", "enter"]])
@pytest.mark.usefixtures("folder")
async def test_keys_that_come_at_once_keep_their_order(keys: list[str]) -> None:
    """As a script sends them; neither tab nor enter overtakes what was typed."""
    app = Asked(SourcePrompt)
    async with app.run_test() as pilot:
        for key in keys[:-1]:
            app.simulate_key(key)
        if "tab" in keys:
            await settled(pilot)
        app.simulate_key(keys[-1])
        await app.until_answered(pilot)
    assert app.answers == ["demo"]
