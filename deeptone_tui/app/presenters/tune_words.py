"""Tune mode in words: what the figures are of, and what is not known."""

from typing import TYPE_CHECKING, NamedTuple

from deeptone_tui.app.plots.scale import SUGGESTED
from deeptone_tui.app.presenters.step_log import SPEECH_MODELS
from deeptone_tui.app.presenters.verdict import ANSWERING
from deeptone_tui.app.presenters.wording import width_of
from deeptone_tui.app.view import SPANS
from deeptone_tui.dsp import format_dbfs, format_threshold
from deeptone_tui.monitor.state import SessionPhase
from deeptone_tui.protocol import STEP_MS
from deeptone_tui.tuning import SPEECH

if TYPE_CHECKING:
    from deeptone_tui.app.presenters.step_log import JudgedSpan
    from deeptone_tui.app.view import View
    from deeptone_tui.app.widgets.painted import Part
    from deeptone_tui.monitor.state import SessionStatus
    from deeptone_tui.tuning import Part as Counted
    from deeptone_tui.tuning import Periods


class Share(NamedTuple):
    """A share, how its curve is drawn, and what it is called."""

    sign: str
    tone: str
    name: str
    short: str


LOST = Share("─", "first", "speech lost", "lost")
PASSED = Share("·", "second", "noise passed", "passed")
SILENCE = Share("░", "pile-below", "silence", "silence")

_MINUTES_FROM, _HOURS_FROM = 120, 7200
"""Seconds from which times are told in the larger unit."""


def state_of(session: "SessionStatus") -> str:
    """Whether the endpoint judges everything yet."""
    applied = session.applied
    if session.phase not in ANSWERING:
        return "○ no connection"
    if applied is not None and session.phase is SessionPhase.REPLAYING:
        return f"recorded at {format_threshold(applied.volume_threshold)}"
    if applied is not None and applied.volume_threshold == 0:
        return "endpoint at 0"
    return "◌ applying 0"


def costs_of(span: "JudgedSpan", view: "View", width: int, *, roomy: bool) -> "list[Part]":
    """What the mark does to the periods, each count with the sign of its curve.

    Args:
        span: what was judged.
        view: what is shown.
        width: columns there are; what has no room in them is left out, and never cut.
        roomy: whether whole names are tried first.
    """
    cost = span.periods.cost(view.mark)
    gap = "   " if roomy else " "
    if not cost.silence.whole:
        return [(f"{gap}nothing was heard yet", "text")]
    if not span.heard_steps:
        missing = _nothing_judged(view, roomy=roomy)
        return [(f"{gap}{missing}{gap}", "text"), *_told(SILENCE, cost.silence, roomy=roomy)]
    told = [(LOST, cost.speech_lost), (PASSED, cost.noise_passed), (SILENCE, cost.silence)]
    best = _best(span.suggestion.threshold, gap)
    whole, short = _row(told, gap, roomy=roomy), _row(told, gap, roomy=False)
    # The count of silence also stands over the history, and the best place on the axis.
    rows = [[*whole, *best]] if roomy else []
    rows += [whole, short, _row(told, " ", roomy=False)]
    return next((row for row in rows if _length(row) <= width), _row(told[:2], " ", roomy=False))


def _row(told: "list[tuple[Share, Counted]]", gap: str, *, roomy: bool) -> "list[Part]":
    """Counts, each after a gap."""
    return [part for each in told for part in ((gap, "text"), *_told(*each, roomy=roomy))]


def _length(row: "list[Part]") -> int:
    """Columns of a row."""
    return sum(width_of(text) for text, _ in row)


def _best(threshold: float | None, gap: str) -> "list[Part]":
    """Where the suggestion would be, which ``a`` shows with all that belongs to it."""
    return [] if threshold is None else [(f"{gap}{SUGGESTED} {format_dbfs(threshold)}", "mark")]


def extent_of(span: "JudgedSpan", view: "View") -> tuple[str, str]:
    """Over what span the counts are, and how much of it was judged at threshold 0."""
    name = "all there was" if view.whole else SPANS[view.span].lower()
    return name, f"{_of(span.heard_steps, span.steps)} judged"


def pile_label(periods: "Periods", kind: int, period_ms: int) -> str:
    """What a histogram is of, and how long that is."""
    length = periods.count(kind) * period_ms // STEP_MS
    return f"{'speech' if kind == SPEECH else 'pauses'} {_time(length)}"


def _nothing_judged(view: "View", *, roomy: bool) -> str:
    """Why there are no shares of speech and the rest."""
    if not set(view.models) & set(SPEECH_MODELS):
        return "m: only speech-rt or speech tell speech" if roomy else "m: choose speech-rt"
    return "no period has been judged at threshold 0 yet" if roomy else "none judged at 0 yet"


def _told(what: Share, part: "Counted", *, roomy: bool) -> "list[Part]":
    """How many periods, and of how many."""
    name = what.name if roomy else what.short
    return [(f"{what.sign} ", what.tone), (f"{name} {part.count} of {part.whole}", "text")]


def _of(part: int, whole: int) -> str:
    """A time out of another, both in steps, in the unit of the longer one."""
    unit, steps = _unit(whole)
    if unit == "h":
        return f"{part / steps:.1f}/{whole / steps:.1f} h"
    return f"{round(part / steps)}/{round(whole / steps)} {unit}"


def _time(length: int) -> str:
    """A length in steps as a time."""
    unit, steps = _unit(length)
    return f"{length / steps:.1f} h" if unit == "h" else f"{round(length / steps)} {unit}"


def _unit(length: int) -> tuple[str, float]:
    """The unit that suits a length in steps, and how many steps it has."""
    second = 1000 / STEP_MS
    seconds = length / second
    if seconds < _MINUTES_FROM:
        return "s", second
    return ("min", 60 * second) if seconds < _HOURS_FROM else ("h", 3600 * second)
