"""The words of tune mode: counts, their span, and what is not known."""

from typing import TYPE_CHECKING, NamedTuple

from deeptone_tui.app.presenters.verdict import ANSWERING
from deeptone_tui.app.presenters.wording import width_of
from deeptone_tui.app.view import SPANS
from deeptone_tui.app.widgets.scale import SUGGESTED
from deeptone_tui.dsp import format_dbfs, format_threshold
from deeptone_tui.monitor.state import SessionPhase
from deeptone_tui.protocol import STEP_MS

if TYPE_CHECKING:
    from deeptone_tui.app.presenters.step_log import JudgedSpan
    from deeptone_tui.app.view import View
    from deeptone_tui.app.widgets.painted import Part
    from deeptone_tui.monitor.state import SessionStatus
    from deeptone_tui.tuning import Part as Counted
    from deeptone_tui.tuning import Periods


class Share(NamedTuple):
    """A share with the sign and tone of its curve, and its names."""

    sign: str
    tone: str
    name: str
    short: str


LOST = Share("─", "first", "speech lost", "lost")
PASSED = Share("·", "second", "noise passed", "passed")
SILENCE = Share("░", "pile-below", "silence", "silence")

_MINUTES_FROM, _HOURS_FROM = 120, 7200
"""Seconds from which times are written in minutes and in hours."""


def state_of(session: "SessionStatus") -> str:
    """Return a phrase about whether the endpoint runs at threshold 0 yet."""
    applied = session.applied
    if session.phase not in ANSWERING:
        return "○ no connection"
    if applied is not None and session.phase is SessionPhase.REPLAYING:
        return f"recorded at {format_threshold(applied.volume_threshold)}"
    if applied is not None and applied.volume_threshold == 0:
        return "endpoint at 0"
    return "◌ applying 0"


def costs_of(span: "JudgedSpan", view: "View", width: int, *, roomy: bool) -> "list[Part]":
    """Return the effect of the threshold under the cursor, each count with the sign of its curve.

    Args:
        span: the judged span.
        view: the view.
        width: available columns; parts that do not fit are left out, never cut.
        roomy: True to try whole names first.
    """
    cost = span.periods.cost(view.mark)
    gap = "   " if roomy else " "
    if not cost.silence.whole:
        return [(f"{gap}nothing heard yet", "text")]
    if not span.heard_steps:
        missing = _nothing_judged(view, roomy=roomy)
        return [(f"{gap}{missing}{gap}", "text"), *_told(SILENCE, cost.silence, roomy=roomy)]
    told = [(LOST, cost.speech_lost), (PASSED, cost.noise_passed), (SILENCE, cost.silence)]
    best = _best(span.suggestion.threshold, gap)
    whole, short = _row(told, gap, roomy=roomy), _row(told, gap, roomy=False)
    # The suggestion is dropped first and the count of silence last: both are also shown elsewhere,
    # on the axis and in the rule over the history.
    rows = [[*whole, *best]] if roomy else []
    rows += [whole, short, _row(told, " ", roomy=False)]
    return next((row for row in rows if _length(row) <= width), _row(told[:2], " ", roomy=False))


def _row(told: "list[tuple[Share, Counted]]", gap: str, *, roomy: bool) -> "list[Part]":
    """Return the counts, each after a gap."""
    return [part for each in told for part in ((gap, "text"), *_told(*each, roomy=roomy))]


def _length(row: "list[Part]") -> int:
    return sum(width_of(text) for text, _ in row)


def _best(threshold: float | None, gap: str) -> "list[Part]":
    """Return the suggested threshold, which ``a`` shows in full; empty if there is none."""
    return [] if threshold is None else [(f"{gap}{SUGGESTED} {format_dbfs(threshold)}", "mark")]


def extent_of(span: "JudgedSpan", view: "View") -> tuple[str, str]:
    """Return the name of the counted span, and how much of it the endpoint has judged."""
    name = "all audio" if view.whole else SPANS[view.span].lower()
    return name, f"{_of(span.heard_steps, span.steps)} judged"


def pile_label(periods: "Periods", kind: int, period_ms: int) -> str:
    """Return the label of a histogram: its kind and the length of its steps."""
    from deeptone_tui.tuning import SPEECH  # noqa: PLC0415  tune mode only

    length = periods.count(kind) * period_ms // STEP_MS
    return f"{'speech' if kind == SPEECH else 'pauses'} {_time(length)}"


def _nothing_judged(view: "View", *, roomy: bool) -> str:
    """Return the reason why there are no shares of speech lost and noise passed."""
    from deeptone_tui.tuning import SPEECH_MODELS  # noqa: PLC0415  tune mode only

    if not set(view.models) & set(SPEECH_MODELS):
        return "m: choose speech-rt or speech" if roomy else "m: choose speech-rt"
    return "no period judged at threshold 0 yet" if roomy else "none judged at 0 yet"


def _told(what: Share, part: "Counted", *, roomy: bool) -> "list[Part]":
    """Return a share with its sign, as a count of periods out of all."""
    name = what.name if roomy else what.short
    return [(f"{what.sign} ", what.tone), (f"{name} {part.count} of {part.whole}", "text")]


def _of(part: int, whole: int) -> str:
    """Return a time out of another, both given in steps, in the unit of the longer one."""
    unit, steps = _unit(whole)
    if unit == "h":
        return f"{part / steps:.1f}/{whole / steps:.1f} h"
    return f"{round(part / steps)}/{round(whole / steps)} {unit}"


def _time(length: int) -> str:
    """Return a length in steps as a time."""
    unit, steps = _unit(length)
    return f"{length / steps:.1f} h" if unit == "h" else f"{round(length / steps)} {unit}"


def _unit(length: int) -> tuple[str, float]:
    """Return the unit that suits a length in steps, and the number of steps in it."""
    second = 1000 / STEP_MS
    seconds = length / second
    if seconds < _MINUTES_FROM:
        return "s", second
    return ("min", 60 * second) if seconds < _HOURS_FROM else ("h", 3600 * second)
