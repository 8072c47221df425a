"""The user's own keys, and what the program's keys keep away from."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.screens.app_states import app_of, playing, running, text_of
from textual.binding import Binding, BindingType

from deeptone_tui.app import screens
from deeptone_tui.app.commands import KEYS
from deeptone_tui.app.keymap import KeyMapError, read_keymap
from deeptone_tui.app.screens.dialog import Dialog
from deeptone_tui.app.screens.help import HelpScreen
from deeptone_tui.app.widgets.status_line import KeyBar

MULTIPLEXERS = "ctrl+b ctrl+a"
"""The prefix keys of tmux and screen."""
VS_CODE = (
    "ctrl+e ctrl+f ctrl+g ctrl+j ctrl+k ctrl+p ctrl+q ctrl+w ctrl+grave_accent ctrl+tab f1 f3 f6"
    " f11 ctrl+comma ctrl+pageup ctrl+pagedown ctrl+shift+c ctrl+shift+v ctrl+shift+p"
)
"""What it keeps from its terminal."""
BROWSERS = (
    "ctrl+t ctrl+n ctrl+l ctrl+d ctrl+h ctrl+r ctrl+s ctrl+u ctrl+plus ctrl+minus ctrl+0 f5 f7 f10"
    " f12 alt+left alt+right alt+home alt+f4"
)
"""What they keep from a page."""
TERMINALS = "shift+pageup shift+pagedown shift+home shift+end ctrl+up ctrl+down"
"""What they scroll with."""
TAKEN = frozenset(f"{MULTIPLEXERS} {VS_CODE} {BROWSERS} {TERMINALS}".split())


def dialogs() -> Iterator[type[Dialog[object]]]:
    """Every dialog of the program."""
    for module in pkgutil.iter_modules(screens.__path__):
        importlib.import_module(f"{screens.__name__}.{module.name}")
    waiting: list[type[Dialog[object]]] = [Dialog]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += found.__subclasses__()


def test_every_action_has_a_name_and_no_key_twice() -> None:
    """Names are what the configuration writes."""
    names = [key.id for key in KEYS]
    assert all(name and name.replace("_", "").isalpha() for name in names)
    assert len(set(names)) == len(names)
    assert read_keymap({}, KEYS) == {}


def test_the_documentation_names_every_action() -> None:
    """As the configuration writes them."""
    page = (Path(__file__).parents[2] / "docs" / "keys-and-themes.md").read_text("utf-8")
    assert [key.id for key in KEYS if f"`{key.id}`" not in page] == []


def test_no_action_stands_on_taken_keys_alone() -> None:
    """In tmux, in screen, in VS Code and in a browser each of them can be reached."""
    tables: list[list[BindingType]] = [[*KEYS], *(each.BINDINGS for each in dialogs())]
    for table in tables:
        keys: dict[str, set[str]] = {}
        for binding in Binding.make_bindings(table):
            keys.setdefault(binding.action, set()).add(binding.key)
        for action, own in keys.items():
            assert own - TAKEN, action
            assert own & TAKEN <= {"f1"}, action  # beside the question mark, for its name


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"pause": ["b"]}, {"pause": ("b",)}),
        ({"pause": ["B", "f4"]}, {"pause": ("B", "f4")}),
        ({"apply": ["x"], "export": ["enter"]}, {"apply": ("x",), "export": ("enter",)}),
        ({"help": ["h", "?"]}, {"help": ("h", "question_mark")}),
        ({"pause": ["-", ",", "+"]}, {"pause": ("minus", "comma", "plus"), "back": ("b",)}),
        ({"quit": ["Ctrl+X"]}, {"quit": ("ctrl+x",)}),
        ({"quit": ["shift+x"]}, {"quit": ("X",)}),
        ({"leave": ["Esc"]}, {"leave": ("escape",)}),
        ({"pause": ["ö"]}, {"pause": ("ö",)}),
    ],
)
def test_keys_are_read(given: dict[str, list[str]], found: dict[str, tuple[str, ...]]) -> None:
    """Letters, signs and names, with modifiers; a key that became free can be taken."""
    given = {**given, **{name: ["b"] for name in found if name not in given}}
    assert read_keymap(given, KEYS) == found


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"pauze": ["b"]}, "keys: there is no action 'pauze'; did you mean pause?"),
        ({"pause": ["spce"]}, "keys.pause: there is no key 'spce'; did you mean space?"),
        ({"pause": ["cntrl+b"]}, "keys.pause: there is no key 'cntrl+b'"),
        ({"pause": [""]}, "keys.pause: there is no key ''"),
        ({"pause": ["r"]}, "keys: r is both pause and record"),
        ({"pause": ["b"], "save": ["b"]}, "keys: b is both pause and save"),
        ({"pause": ["="]}, "keys: = is both pause and type"),
        ({"pause": ["ctrl+m"]}, "keys: enter is both apply and pause"),
        ({"pause": ["ctrl+c"]}, "keys: ctrl+c is both quit and pause"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(given: dict[str, list[str]], line: str) -> None:
    """The nearest name, or the two actions on one key."""
    with pytest.raises(KeyMapError) as caught:
        read_keymap(given, KEYS)
    told = str(caught.value)
    assert "\n" not in told
    assert told.startswith(line) or sorted(told.split()) == sorted(line.split())


OWN = {"pause": ("b",), "apply": ("y",), "mark_up": ("k",), "mark_down": ("j",), "help": ("h",)}


async def test_changed_keys_act_and_the_usual_ones_do_not() -> None:
    """And the mark line, the key bar, the help and the palette show them."""
    app = app_of(playing(), keys=OWN)
    async with running(app, (200, 50)) as pilot:
        await pilot.press("space", "right")
        assert not app.main.view.frozen
        assert app.main.view.mark == app.parameters.volume_threshold
        bar = text_of(app).splitlines()[-1]
        assert "Level  j k moves" in text_of(app)
        assert "y apply" in bar
        assert "b pause" in bar
        assert "h help" in bar
        await pilot.press("k", "b")
        assert app.main.view.frozen
        assert "not applied, press y" in text_of(app)
        await pilot.click(app.main.query_one(KeyBar), offset=(bar.index("b pause"), 0))
        assert not app.main.view.frozen
        shown = {command.help for command in app.get_system_commands(app.screen)}
        assert {"Key: b", "Key: y", "Key: k", "Key: h"} <= shown
        await pilot.press("h")
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        rows = {row.text: row.keys for section in app.screen._sections for row in section.rows}
        assert rows["Apply the threshold"] == "y"
        assert rows["Show the keys and terms"] == "h"


async def test_every_action_is_in_the_palette() -> None:
    """With the key that it has; a colon opens the palette where ctrl+p is taken."""
    app = app_of(playing())
    async with running(app) as pilot:
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert {"Theme", "Screenshot", *(key.tooltip for key in KEYS)} <= titles
        await pilot.press("colon")
        await pilot.pause()
        assert app.screen is not app.main
