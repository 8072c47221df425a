"""The help: every key, from the bindings themselves, and the meaning of the numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Static

from deeptone_tui.app.commands import KEYS
from deeptone_tui.app.keymap import KeyMap, rebound
from deeptone_tui.app.screens.dialog import Dialog
from deeptone_tui.app.widgets.timeline import CHANGE

NUMBERS = {
    "level": "RMS of a step of 64 ms, from 0 to 1, where 1 is full scale. It is compared with the"
    " threshold.",
    "dBFS": "The same in decibels, 20·log10(level): half the level is 6 dB less, a full-scale"
    " sine reads −3.0.",
    "silence": "A step is silent when its level is below the threshold; at 0 none is. A result"
    " says silence when all steps of its period are silent.",
    "muted": "Every sample is zero: the input is off. No data: nothing arrives at all.",
    "bar, peak, needle": "The bar is the newest step. The peak holds for 1 s, then falls 20 dB in"
    " 1.7 s. The VU needle takes 0.3 s to follow.",
    "clip": "Runs of three or more full-scale samples since the last reset.",
    "→0:08→0:07": "How much of the captured audio was sent, and how much results cover. The rest is"
    " in flight or lost.",
    CHANGE: "In the history and the results: from here another threshold, model, period, endpoint,"
    " device or source applies.",
    "confidence": "How sure the endpoint is of a class, from 0 to 1.",
    "agreement": "How often the preview and the endpoint called the same periods silent. Another"
    " maker's endpoint may measure volume in its own way.",
    "tune mode": "With the endpoint at 0, every threshold is tried on its answers, in periods as"
    " long as its results. Speech lost: periods of speech that would be silence. Noise passed:"
    " periods without speech that would not. Silence: all periods that would be, as counted above"
    " the history. △ is the best threshold.",
    "all audio": "Everything since this source and endpoint are in use: at most 262 144 steps,"
    " which are 4.6 h.",
    "shift": "Where one number of decibels explains how such an endpoint differs, v shifts the"
    " preview by it: levels are then shown as the endpoint hears them. The threshold stays.",
    "mouse": "Drag the threshold on meter and history, click a result to select it, or a key in the"
    " last line to press it. A click on the first line lists all commands.",
    "paste": "A threshold pasted on the main screen is set: 0.0125 or -38 dB.",
    "own keys": 'Set them in the configuration under [keys]: pause = "b". The names are '
    + ", ".join(key.id for key in KEYS if key.id)
    + ".",
}
"""Terms on the screen, and their meanings."""


@dataclass(frozen=True, slots=True)
class HelpRow:
    """One action: its keys as shown, and its description."""

    keys: str
    text: str


@dataclass(frozen=True, slots=True)
class HelpSection:
    """The keys of one part of the program."""

    title: str
    rows: tuple[HelpRow, ...]


class HelpScreen(Dialog[None]):
    """A scrollable dialog of keys and words."""

    heading = "Help"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q", "leave", "Close", key_display="esc"),
        Binding("down,j", "scroll(1)", "Down", key_display="↓"),
        Binding("up,k", "scroll(-1)", "Up", key_display="↑"),
        Binding("pagedown,space", "page(1)", "Page down", key_display="pgdn"),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("home", "top", "First line", show=False),
        Binding("end", "bottom", "Last line", show=False),
    ]
    DEFAULT_CSS = """
    HelpScreen {
        #frame { width: 76; height: 100%; max-height: 48; }
        #body { height: 1fr; }
        VerticalScroll { scrollbar-size-vertical: 1; }
        .title {
            color: $text-accent;
            text-style: bold;
            margin-top: 1;
            &.-first { margin-top: 0; }
        }
    }
    """

    def __init__(self, sections: Sequence[HelpSection]) -> None:
        """Show help.

        Args:
            sections: the keys, from `sections_of`.
        """
        super().__init__()
        self._sections = tuple(sections)

    def compose_body(self) -> ComposeResult:
        """Compose one section after another."""
        numbers = HelpSection("Terms", tuple(HelpRow(*pair) for pair in NUMBERS.items()))
        with VerticalScroll(can_focus=False):
            for index, section in enumerate((*self._sections, numbers)):
                title = Static(section.title, classes="title", markup=False)
                yield title.set_class(index == 0, "-first")
                yield Static(_grid(section.rows), classes="rows")

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll by pages that share one line."""
        view = self.query_one(VerticalScroll)
        view.scroll_relative(y=pages * (view.size.height - 1), animate=False)

    def action_top(self) -> None:
        """Scroll to the first line."""
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def action_bottom(self) -> None:
        """Scroll to the last line."""
        self.query_one(VerticalScroll).scroll_end(animate=False)


def _grid(rows: Iterable[HelpRow]) -> Table:
    """Return keys and words in two columns; one widget for all rows, since there are dozens."""
    grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
    grid.add_column(justify="right", style="bold", width=16)
    grid.add_column(ratio=1)
    for row in rows:
        grid.add_row(Text(row.keys), Text(row.text))
    return grid


def sections_of(screen: Screen[Any], keymap: KeyMap | None = None) -> list[HelpSection]:
    """Return the keys of a screen, of its widgets and of the app, from their bindings.

    A section's title is the ``BINDING_GROUP_TITLE`` of the node that has the keys. All widgets
    count, whichever has the focus; but only those of this program, because the keys of Textual's
    own widgets would bury them.

    Args:
        screen: the screen.
        keymap: the user's own keys.
    """
    own = (each for each in screen.query("*") if not type(each).__module__.startswith("textual."))
    titled = [
        (
            _title(node),
            [each for each in _bindings(node, keymap or {}) if _key(each) not in _GENERAL],
        )
        for node in (screen, *own, screen.app)
    ]
    general = [each for each in _bindings(screen, {}) if _key(each) in _GENERAL]
    titled.append(("Everywhere", general))
    merged: dict[str, list[Binding]] = {}
    for title, bindings in titled:
        merged.setdefault(title, []).extend(bindings)
    sections = (HelpSection(title, _rows(screen.app, each)) for title, each in merged.items())
    return [section for section in sections if section.rows]


def _bindings(node: DOMNode, keymap: KeyMap) -> list[Binding]:
    """Return all bindings of a node, with the keys that the user has set."""
    own = [binding for _, binding in node._bindings]  # noqa: SLF001  there is no public way
    return list(Binding.make_bindings(rebound(own, keymap)))


def _key(binding: Binding) -> tuple[str, str]:
    """Return what makes two bindings one row: the same action with the same description."""
    return binding.action, binding.description


_GENERAL = frozenset(_key(binding) for binding in Binding.make_bindings(Screen.BINDINGS))
"""Bindings that Textual gives every screen: moving the focus, copying a selection."""


def _title(node: DOMNode) -> str:
    return node.BINDING_GROUP_TITLE or ("Program" if isinstance(node, App) else "Keys")


def _rows(app: App[Any], bindings: Iterable[Binding]) -> tuple[HelpRow, ...]:
    """Return one row for each action, with all of its keys."""
    keys: dict[tuple[str, str], list[str]] = {}
    words: dict[tuple[str, str], str] = {}
    for binding in bindings:
        if binding.system or not binding.description:
            continue
        # Not the binding's own display, which joins two keys for the key bar, and enter by the word
        # on it: not every terminal has Textual's sign.
        plain = binding.with_key(binding.key)
        shown = "enter" if binding.key == "enter" else app.get_key_display(plain)
        if shown not in keys.setdefault(_key(binding), []):
            keys[_key(binding)].append(shown)
        text = Content.from_markup(binding.tooltip or binding.description).plain
        words.setdefault(_key(binding), text)
    return tuple(HelpRow("  ".join(keys[action]), words[action]) for action in keys)
