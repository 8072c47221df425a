"""The commands of the main screen: keys, words and effect of each, declared once.

Bindings, key bar, help, command palette and the user's key map are made from this table.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual.binding import Binding

from deeptone_tui.app.actions import control
from deeptone_tui.app.keymap import KeyMap, rebound, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from deeptone_tui.app.app import MonitorApp

    Effect = Callable[[MonitorApp], object]

_ONE_SOURCE = "This is a recording: quit with q to listen to another source."
_ANSWERS_FIXED = (
    "A recording is not judged again. To ask an endpoint, open one of its WAV files:"
    " deeptone-tui FILE"
)
_NO_CALIBRATION = "This is a recording: a suggests a threshold for the span shown."
_IS_RECORDED = "This is a recording already."


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the user."""

    id: str
    """Name in the configuration's key map."""
    keys: str
    """Default keys in Textual's spelling, separated by commas."""
    words: str
    """Line in the help and in the command palette."""
    run: "Effect"
    label: str = ""
    """Name in the key bar; empty if it is not shown there."""
    key_display: str | None = None
    """Default key in the key bar, if Textual's own text is too long or names half of a pair."""
    live_only: str = ""
    """Message in place of the effect while a recording is shown; empty if it has the effect."""

    @property
    def binding(self) -> Binding:
        """The binding on the main screen."""
        return Binding(
            self.keys,
            f"app.command('{self.id}')",
            self.label or self.words,
            show=bool(self.label),
            key_display=self.key_display,
            tooltip=self.words,
            id=self.id,
        )


def _ask(question: str) -> "Effect":
    """Return the effect of a dialog; all are imported with the first, after the first frame."""

    def ask(app: "MonitorApp") -> None:
        from deeptone_tui.app.actions import dialogs, saving  # noqa: PLC0415  as said above

        app.open_dialog((vars(dialogs) | vars(saving))[question](app))

    return ask


def _nudge(decibels: float) -> "Effect":
    return lambda app: app.main.nudge(decibels)


def _span(steps: int) -> "Effect":
    return lambda app: app.change_span(steps)


def _seek(seconds: int) -> "Effect":
    return lambda app: control.seek(app, seconds)


def _speed(steps: int) -> "Effect":
    return lambda app: app.change_speed(steps)


def _select(lines: int) -> "Effect":
    return lambda app: app.main.log_view.move(lines)


def _page(pages: int) -> "Effect":
    return lambda app: app.main.log_view.move(pages * app.main.log_view.size.height)


_TABLE = (
    Command(
        "device", "d", "Choose a microphone", _ask("choose_device"), "Mic", live_only=_ONE_SOURCE
    ),
    Command(
        "apply", "enter", "Apply the threshold", lambda app: app.apply_mark(), "Apply", "enter"
    ),
    Command("mark_down", "left", "Lower the threshold by 0.5 dB", _nudge(-0.5), key_display="←→"),
    Command("mark_up", "right", "Raise the threshold by 0.5 dB", _nudge(0.5)),
    Command("mark_down_more", "shift+left", "Lower the threshold by 3 dB", _nudge(-3.0)),
    Command("mark_up_more", "shift+right", "Raise the threshold by 3 dB", _nudge(3.0)),
    Command(
        "mark_zero",
        "0",
        "Set the threshold to 0: nothing is silence",
        lambda app: app.main.move_mark(0.0),
    ),
    Command(
        "find",
        "a",
        "Suggest a threshold for the span; enter applies it",
        lambda app: app.main.suggest(),
        "Suggest",
    ),
    Command(
        "guide",
        "g",
        "Calibrate a threshold: 2 s of quiet, one sentence",
        _ask("calibrate"),
        "Calibrate",
        live_only=_NO_CALIBRATION,
    ),
    Command(
        "tune",
        "t",
        "Tune: what every threshold would cost; again to apply",
        lambda app: app.tune(),
        "Tune",
    ),
    Command(
        "export",
        "x",
        "Export settings: sox, Python, environment, profile",
        _ask("show_tuned"),
        "Export",
    ),
    Command(
        "pause", "space", "Pause a file; freeze the screen of a live source", control.pause, "Pause"
    ),
    Command("back", "comma", "Go 5 s back in a file", _seek(-5)),
    Command("on", "full_stop", "Go 5 s forward in a file", _seek(5)),
    Command("back_minute", "ctrl+left", "Go a minute back in a file", _seek(-60)),
    Command("on_minute", "ctrl+right", "Go a minute forward in a file", _seek(60)),
    Command("slower", "less_than_sign", "Replay more slowly, down to half speed", _speed(-1)),
    Command("faster", "greater_than_sign", "Replay faster, up to four times", _speed(1)),
    Command("save", "s", "Save the results as JSON lines or CSV", _ask("save_results"), "Save"),
    Command("shorter", "left_square_bracket", "Show a shorter span", _span(-1), "Span", "[ ]"),
    Command(
        "longer",
        "right_square_bracket",
        "Show a longer span; in tune mode also all audio",
        _span(1),
    ),
    Command("type", "equals_sign", "Type a threshold", _ask("type_threshold"), "Type", "="),
    Command(
        "models",
        "m",
        "Choose the models",
        _ask("choose_models"),
        "Models",
        live_only=_ANSWERS_FIXED,
    ),
    Command(
        "source",
        "o",
        "Choose another source",
        _ask("choose_source"),
        "Source",
        live_only=_ONE_SOURCE,
    ),
    Command(
        "endpoint",
        "e",
        "Choose another endpoint",
        _ask("choose_endpoint"),
        "Endpoint",
        live_only=_ANSWERS_FIXED,
    ),
    Command(
        "filter",
        "f",
        "List only the results of the next model, or all",
        lambda app: app.main.next_filter(),
        "Filter",
    ),
    Command("copy", "c", "Copy the selected result, or the newest", control.copy, "Copy"),
    Command("older", "up", "Select the previous result", _select(-1)),
    Command("newer", "down", "Select the next result", _select(1)),
    Command("page_up", "pageup", "Go a page up in the results", _page(-1)),
    Command("page_down", "pagedown", "Go a page down in the results", _page(1)),
    Command(
        "oldest",
        "home",
        "Go to the oldest result",
        lambda app: app.main.log_view.select(app.results.first),
    ),
    Command("follow", "end", "Follow the newest result", lambda app: app.main.log_view.follow()),
    Command(
        "record",
        "r",
        "Record audio, results and events; again to stop",
        control.record,
        "Record",
        live_only=_IS_RECORDED,
    ),
    Command(
        "reset_peaks",
        "p",
        "Reset the clip lamp and the peak",
        lambda app: app.monitor.reset_peaks(),
        "Peaks",
    ),
    Command(
        "shift",
        "v",
        "Shift the preview to what another maker's endpoint hears, or undo that",
        control.shift_preview,
    ),
    Command(
        "leave",
        "escape",
        "Cancel a suggestion or tune mode; else follow the newest result",
        lambda app: app.leave(),
    ),
    Command("palette", "colon", "Find a command by name", lambda app: app.action_command_palette()),
    Command("help", "question_mark,f1", "Show the keys and terms", _ask("show_help"), "Help", "?"),
    Command("quit", "q", "Quit, and show what was saved", lambda app: app.offer_and_quit(), "Quit"),
)
COMMANDS = {command.id: command for command in _TABLE}
"""Every command by its id, in the order of help and key bar, which shows as many of the first as
fit, and the last two."""
KEYS = [command.binding for command in _TABLE]
"""The bindings of the main screen."""

_PLAYBACK = (
    COMMANDS["pause"],
    replace(COMMANDS["faster"], label="Speed", key_display="< >"),
    replace(COMMANDS["on"], label="Seek", key_display=", ."),
)
"""The commands that come first in the key bar of a replay."""
_NOT_IN_REPLAY = {"apply", "pause"}
"""Commands that the key bar of a replay does not show in their usual place."""
_PAIRS = {
    "mark_down": ("mark_down", "mark_up"),
    "shorter": ("shorter", "longer"),
    "faster": ("slower", "faster"),
    "on": ("back", "on"),
}
"""Pairs of commands that the key bar shows as one entry."""


def bar_keys(keymap: KeyMap, *, replaying: bool) -> list[Binding]:
    """Return the bindings of the key bar, in its order; in replay, the playback keys come first.

    Args:
        keymap: the user's key map.
        replaying: True if a recording is shown.
    """
    listed = [command for command in _TABLE if command.label]
    if replaying:
        others = (each for each in listed if not each.live_only and each.id not in _NOT_IN_REPLAY)
        listed = [*_PLAYBACK, *others]
    return [as_shown(command, keymap) for command in listed]


def as_shown(command: Command, keymap: KeyMap) -> Binding:
    """Return the binding of a command, or of the pair it begins, with the key text to show."""
    binding = command.binding
    names = _PAIRS.get(binding.id or "", (binding.id or "",))
    if binding.key_display and not any(name in keymap for name in names):
        return binding
    found = {key.id: key.key for key in rebound(KEYS, keymap)}
    return binding.with_key(binding.key, " ".join(shown(found[name]) for name in names))
