"""The keys of the main screen: one table for the key bar, the help and the command palette."""

from textual.binding import Binding

KEYS = [
    Binding("d", "app.choose_device", "Mic", tooltip="Pick a microphone"),
    Binding(
        "left",
        "nudge(-0.5)",
        "Mark",
        key_display="←→",
        tooltip="Move the mark down by 0.5 dB",
    ),
    Binding(
        "enter",
        "app.apply_mark",
        "Apply",
        key_display="enter",
        tooltip="Give the mark to the endpoint",
    ),
    Binding(
        "a",
        "suggest",
        "Find",
        tooltip="Suggest a threshold for the time that is shown; enter takes it",
    ),
    Binding(
        "g",
        "app.calibrate",
        "Guide",
        tooltip="Be guided to a threshold: 2 s of quiet, then one sentence",
    ),
    Binding(
        "t",
        "app.tune",
        "Tune",
        tooltip="Tune mode: what each threshold would cost, with the endpoint at 0; again to apply",
    ),
    Binding(
        "x",
        "app.show_tuned",
        "Export",
        tooltip="Take the settings out: sox line, Python, environment, profile",
    ),
    Binding(
        "space",
        "app.pause",
        "Pause",
        tooltip="Hold a file; freeze the screen of a live source while all goes on",
    ),
    Binding("s", "app.save_results", "Save", tooltip="Save the results as JSON lines or CSV"),
    Binding(
        "left_square_bracket", "span(-1)", "Span", key_display="[ ]", tooltip="Show a shorter time"
    ),
    Binding("equals_sign", "app.type_threshold", "Type", key_display="=", tooltip="Type the mark"),
    Binding("m", "app.choose_models", "Models", tooltip="Choose the models"),
    Binding("o", "app.choose_source", "Source", tooltip="Listen to something else"),
    Binding("e", "app.choose_endpoint", "Endpoint", tooltip="Talk to another endpoint"),
    Binding("f", "filter", "Filter", tooltip="List the results of the next model only, or of all"),
    Binding("c", "copy", "Copy", tooltip="Copy the selected result, or the newest"),
    Binding(
        "r",
        "app.record",
        "Record",
        tooltip="Record the audio, with results and events; again to finish it",
    ),
    Binding("p", "app.reset_peaks", "Peaks", tooltip="Reset clip lamp and peak mark"),
    Binding("right", "nudge(0.5)", "Up 0.5 dB", show=False, tooltip="Move the mark up by 0.5 dB"),
    Binding(
        "shift+left", "nudge(-3.0)", "Down 3 dB", show=False, tooltip="Move the mark down by 3 dB"
    ),
    Binding("shift+right", "nudge(3.0)", "Up 3 dB", show=False, tooltip="Move the mark up by 3 dB"),
    Binding("0", "zero", "Mark to 0", show=False, tooltip="Move the mark to 0: nothing is silence"),
    Binding(
        "right_square_bracket",
        "span(1)",
        "Longer",
        show=False,
        tooltip="Show a longer time; in tune mode, after 15 minutes, all there was",
    ),
    Binding(
        "v",
        "app.shift_preview",
        "Shift",
        show=False,
        tooltip="Shift the preview to what another maker's endpoint hears, or take that back",
    ),
    Binding(
        "comma",
        "app.seek(-5)",
        "Back",
        key_display=",",
        show=False,
        tooltip="Go 5 s back in a file",
    ),
    Binding(
        "full_stop", "app.seek(5)", "On", key_display=".", show=False, tooltip="Go 5 s on in a file"
    ),
    Binding("ctrl+left", "app.seek(-60)", "Back", show=False, tooltip="Go a minute back in a file"),
    Binding("ctrl+right", "app.seek(60)", "On", show=False, tooltip="Go a minute on in a file"),
    Binding(
        "less_than_sign",
        "app.speed(-1)",
        "Slower",
        key_display="<",
        show=False,
        tooltip="Show a recording slower, down to half speed",
    ),
    Binding(
        "greater_than_sign",
        "app.speed(1)",
        "Faster",
        key_display=">",
        show=False,
        tooltip="Show a recording faster, up to four times",
    ),
    Binding("up", "select(-1)", "Older", show=False, tooltip="Select the result before"),
    Binding("down", "select(1)", "Newer", show=False, tooltip="Select the result after"),
    Binding("pageup", "page(-1)", "Page up", show=False, tooltip="Look at older results"),
    Binding("pagedown", "page(1)", "Page down", show=False, tooltip="Look at newer results"),
    Binding("home", "oldest", "Oldest", show=False, tooltip="Go to the oldest result"),
    Binding("end", "follow", "Follow", show=False, tooltip="Follow the newest result"),
    Binding(
        "escape",
        "leave",
        "Leave",
        key_display="esc",
        show=False,
        tooltip="Leave a suggestion or tune mode and change nothing; else follow the newest result",
    ),
    Binding("question_mark,f1", "app.show_help", "Help", key_display="?", tooltip="Keys and words"),
    Binding("q", "app.quit", "Quit", tooltip="Leave, and see what was saved"),
]
"""In the order of the key bar, which shows as many of the first as fit, and the last two."""

_REPLAY_FIRST = [
    Binding("space", "app.pause", "Pause"),
    Binding("greater_than_sign", "app.speed(1)", "Speed", key_display="< >"),
    Binding("full_stop", "app.seek(5)", "Wind", key_display=", ."),
]
_NOT_IN_REPLAY = frozenset(
    {
        "app.apply_mark",
        "app.calibrate",
        "app.choose_device",
        "app.choose_endpoint",
        "app.choose_models",
        "app.choose_source",
        "app.pause",
        "app.record",
    }
)


def bar_keys(*, replaying: bool) -> list[Binding]:
    """The keys of the key bar, in its order: of a recording those that it is wound with first."""
    shown = [key for key in KEYS if key.show]
    if not replaying:
        return shown
    return _REPLAY_FIRST + [key for key in shown if key.action not in _NOT_IN_REPLAY]
