"""The bindings of the main screen: one table for key bar, help and command palette.

The id of a binding is its action's name in the configuration.
"""

from textual.binding import Binding

from deeptone_tui.app.keymap import KeyMap, rebound, shown

KEYS = [
    Binding("d", "app.choose_device", "Mic", tooltip="Pick a microphone", id="device"),
    Binding(
        "left",
        "nudge(-0.5)",
        "Mark",
        key_display="←→",
        tooltip="Move the mark down by 0.5 dB",
        id="mark_down",
    ),
    Binding(
        "enter",
        "app.apply_mark",
        "Apply",
        key_display="enter",
        tooltip="Give the mark to the endpoint",
        id="apply",
    ),
    Binding(
        "a",
        "suggest",
        "Find",
        tooltip="Suggest a threshold for the time that is shown; enter takes it",
        id="find",
    ),
    Binding(
        "g",
        "app.calibrate",
        "Guide",
        tooltip="Be guided to a threshold: 2 s of quiet, then one sentence",
        id="guide",
    ),
    Binding(
        "t",
        "app.tune",
        "Tune",
        tooltip="Tune mode: what each threshold would cost, with the endpoint at 0; again to apply",
        id="tune",
    ),
    Binding(
        "x",
        "app.show_tuned",
        "Export",
        tooltip="Take the settings out: sox line, Python, environment, profile",
        id="export",
    ),
    Binding(
        "space",
        "app.pause",
        "Pause",
        tooltip="Hold a file; freeze the screen of a live source while all goes on",
        id="pause",
    ),
    Binding(
        "s", "app.save_results", "Save", tooltip="Save the results as JSON lines or CSV", id="save"
    ),
    Binding(
        "left_square_bracket",
        "span(-1)",
        "Span",
        key_display="[ ]",
        tooltip="Show a shorter time",
        id="shorter",
    ),
    Binding(
        "equals_sign",
        "app.type_threshold",
        "Type",
        key_display="=",
        tooltip="Type the mark",
        id="type",
    ),
    Binding("m", "app.choose_models", "Models", tooltip="Choose the models", id="models"),
    Binding("o", "app.choose_source", "Source", tooltip="Listen to something else", id="source"),
    Binding(
        "e", "app.choose_endpoint", "Endpoint", tooltip="Talk to another endpoint", id="endpoint"
    ),
    Binding(
        "f",
        "filter",
        "Filter",
        tooltip="List the results of the next model only, or of all",
        id="filter",
    ),
    Binding("c", "copy", "Copy", tooltip="Copy the selected result, or the newest", id="copy"),
    Binding(
        "r",
        "app.record",
        "Record",
        tooltip="Record the audio, with results and events; again to finish it",
        id="record",
    ),
    Binding(
        "p", "app.reset_peaks", "Peaks", tooltip="Reset clip lamp and peak mark", id="reset_peaks"
    ),
    Binding(
        "right",
        "nudge(0.5)",
        "Up 0.5 dB",
        show=False,
        tooltip="Move the mark up by 0.5 dB",
        id="mark_up",
    ),
    Binding(
        "shift+left",
        "nudge(-3.0)",
        "Down 3 dB",
        show=False,
        tooltip="Move the mark down by 3 dB",
        id="mark_down_more",
    ),
    Binding(
        "shift+right",
        "nudge(3.0)",
        "Up 3 dB",
        show=False,
        tooltip="Move the mark up by 3 dB",
        id="mark_up_more",
    ),
    Binding(
        "0",
        "zero",
        "Mark to 0",
        show=False,
        tooltip="Move the mark to 0: nothing is silence",
        id="mark_zero",
    ),
    Binding(
        "right_square_bracket",
        "span(1)",
        "Longer",
        show=False,
        tooltip="Show a longer time; in tune mode, after 15 minutes, all there was",
        id="longer",
    ),
    Binding(
        "v",
        "app.shift_preview",
        "Shift",
        show=False,
        tooltip="Shift the preview to what another maker's endpoint hears, or take that back",
        id="shift",
    ),
    Binding(
        "comma",
        "app.seek(-5)",
        "Back",
        key_display=",",
        show=False,
        tooltip="Go 5 s back in a file",
        id="back",
    ),
    Binding(
        "full_stop",
        "app.seek(5)",
        "On",
        key_display=".",
        show=False,
        tooltip="Go 5 s on in a file",
        id="on",
    ),
    Binding(
        "ctrl+left",
        "app.seek(-60)",
        "Back",
        show=False,
        tooltip="Go a minute back in a file",
        id="back_minute",
    ),
    Binding(
        "ctrl+right",
        "app.seek(60)",
        "On",
        show=False,
        tooltip="Go a minute on in a file",
        id="on_minute",
    ),
    Binding(
        "less_than_sign",
        "app.speed(-1)",
        "Slower",
        key_display="<",
        show=False,
        tooltip="Show a recording slower, down to half speed",
        id="slower",
    ),
    Binding(
        "greater_than_sign",
        "app.speed(1)",
        "Faster",
        key_display=">",
        show=False,
        tooltip="Show a recording faster, up to four times",
        id="faster",
    ),
    Binding(
        "up", "select(-1)", "Older", show=False, tooltip="Select the result before", id="older"
    ),
    Binding(
        "down", "select(1)", "Newer", show=False, tooltip="Select the result after", id="newer"
    ),
    Binding(
        "pageup", "page(-1)", "Page up", show=False, tooltip="Look at older results", id="page_up"
    ),
    Binding(
        "pagedown",
        "page(1)",
        "Page down",
        show=False,
        tooltip="Look at newer results",
        id="page_down",
    ),
    Binding("home", "oldest", "Oldest", show=False, tooltip="Go to the oldest result", id="oldest"),
    Binding("end", "follow", "Follow", show=False, tooltip="Follow the newest result", id="follow"),
    Binding(
        "escape",
        "leave",
        "Leave",
        key_display="esc",
        show=False,
        tooltip="Leave a suggestion or tune mode and change nothing; else follow the newest result",
        id="leave",
    ),
    Binding(
        "colon",
        "app.command_palette",
        "Palette",
        key_display=":",
        show=False,
        tooltip="Find an action by its name",
        id="palette",
    ),
    Binding(
        "question_mark,f1",
        "app.show_help",
        "Help",
        key_display="?",
        tooltip="Keys and words",
        id="help",
    ),
    Binding("q", "app.offer_and_quit", "Quit", tooltip="Leave, and see what was saved", id="quit"),
]
"""All bindings in key bar order; the bar shows as many of the first as fit, and the last two."""

_REPLAY_FIRST = [
    Binding("space", "app.pause", "Pause", id="pause"),
    Binding("greater_than_sign", "app.speed(1)", "Speed", key_display="< >", id="faster"),
    Binding("full_stop", "app.seek(5)", "Wind", key_display=", .", id="on"),
]
_NOT_IN_REPLAY = frozenset(
    {"apply", "guide", "device", "endpoint", "models", "source", "pause", "record"}
)
_PAIRS = {
    "mark_down": ("mark_down", "mark_up"),
    "shorter": ("shorter", "longer"),
    "faster": ("slower", "faster"),
    "on": ("back", "on"),
}
"""Pairs of actions that the key bar shows as one entry."""


def bar_keys(keymap: KeyMap, *, replaying: bool) -> list[Binding]:
    """Return the bindings of the key bar, in its order; in replay, the playback keys come first.

    Args:
        keymap: the user's key map.
        replaying: True if a recording is shown.
    """
    keys = [key for key in KEYS if key.show]
    if replaying:
        keys = _REPLAY_FIRST + [key for key in keys if key.id not in _NOT_IN_REPLAY]
    return [_as_shown(key, keymap) for key in keys]


def _as_shown(binding: Binding, keymap: KeyMap) -> Binding:
    """Return a binding with the key text that the key bar shows for it."""
    names = _PAIRS.get(binding.id or "", (binding.id or "",))
    if binding.key_display and not any(name in keymap for name in names):
        return binding
    found = {key.id: key.key for key in rebound(KEYS, keymap)}
    return binding.with_key(binding.key, " ".join(shown(found[name]) for name in names))
