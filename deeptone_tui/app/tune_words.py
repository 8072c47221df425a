"""Tune mode in words: what the figures are of, and what is not known."""

from typing import TYPE_CHECKING, NamedTuple

from deeptone_tui.app.heard import SPEECH_MODELS
from deeptone_tui.app.spans import SPANS
from deeptone_tui.app.verdict import ANSWERING
from deeptone_tui.level import format_level, format_share
from deeptone_tui.monitor.state import SessionPhase
from deeptone_tui.protocol import SAMPLE_RATE
from deeptone_tui.tuning import SPEECH

if TYPE_CHECKING:
    from deeptone_tui.app.view import View
    from deeptone_tui.app.widgets.painted import Part
    from deeptone_tui.monitor.state import SessionStatus
    from deeptone_tui.tuning import Periods


class Share(NamedTuple):
    """A share, how its curve is drawn, and what it is called."""

    sign: str
    tone: str
    name: str
    short: str


LOST = Share("─", "first", "speech lost", "speech lost")
PASSED = Share("·", "second", "the rest passed", "rest passed")
SILENCE = Share("░", "pile-below", "silence", "silence")

_MINUTES_FROM, _HOURS_FROM = 120, 7200
"""Seconds from which times are told in the larger unit."""


def state_of(session: "SessionStatus") -> str:
    """Whether the endpoint judges everything yet."""
    applied = session.applied
    if session.phase not in ANSWERING:
        return "○ no connection"
    if applied is not None and session.phase is SessionPhase.REPLAYING:
        return f"recorded at {format_level(applied.volume_threshold)}"
    if applied is not None and applied.volume_threshold == 0:
        return "endpoint at 0"
    return "◌ applying 0"


def costs_of(periods: "Periods", view: "View", *, roomy: bool) -> "list[Part]":
    """What the mark would do to the periods, each share with the sign of its curve."""
    cost = periods.cost(view.mark)
    gap = "   " if roomy else " "
    silence = _told(SILENCE, cost.silence, "of the time", roomy=roomy)
    if not periods.length:
        return [(f"{gap}nothing was heard yet", "text")]
    if not periods.speech_length + periods.other_length:
        missing = _nothing_judged(view, roomy=roomy)
        return [(f"{gap}{missing}{gap}", "text"), *silence]
    lost = _told(LOST, cost.speech_lost, "no speech heard", roomy=roomy)
    passed = _told(PASSED, cost.other_passed, "only speech heard", roomy=roomy)
    return [(gap, "text"), *lost, (gap, "text"), *passed, (gap, "text"), *silence]


def extent_of(periods: "Periods", view: "View") -> tuple[str, str]:
    """Over what span the shares are, and how much of it was judged at threshold 0."""
    span = "all there was" if view.whole else SPANS[view.span].lower()
    judged = periods.speech_length + periods.other_length
    return span, f"{_of(judged, periods.length)} judged"


def pile_label(periods: "Periods", heard: int) -> str:
    """What a histogram is of, and how long that is."""
    speech = heard == SPEECH
    length = periods.speech_length if speech else periods.other_length
    return f"{'speech' if speech else 'the rest'} {_time(length)}"


def _nothing_judged(view: "View", *, roomy: bool) -> str:
    """Why there are no shares of speech and the rest."""
    if not set(view.models) & set(SPEECH_MODELS):
        return "m: only speech-rt or speech tell speech" if roomy else "m: choose speech-rt"
    return "no period has been judged at threshold 0 yet" if roomy else "none judged at 0 yet"


def _told(what: Share, share: float | None, note: str, *, roomy: bool) -> "list[Part]":
    """A share in words. Where there is room, a note says why it is none, or what silence is of."""
    name = what.name if roomy else what.short
    sign: Part = (f"{what.sign} ", what.tone)
    if share is None:
        return [sign, (note if roomy else f"{name} –", "text")]
    figure = format_share(share) if roomy else format_share(share).replace("under ", "<")
    text = f"{name} {figure}"
    return [sign, (f"{text} {note}" if roomy and what is SILENCE else text, "text")]


def _of(part: int, whole: int) -> str:
    """A time out of another, in the unit of the longer one."""
    unit, samples = _unit(whole)
    if unit == "h":
        return f"{part / samples:.1f}/{whole / samples:.1f} h"
    return f"{part // samples}/{whole // samples} {unit}"


def _time(length: int) -> str:
    """A length in samples as a time."""
    unit, samples = _unit(length)
    return f"{length / samples:.1f} h" if unit == "h" else f"{length // samples} {unit}"


def _unit(length: int) -> tuple[str, int]:
    """The unit that suits a length in samples, and how many samples it has."""
    seconds = length / SAMPLE_RATE
    if seconds < _MINUTES_FROM:
        return "s", SAMPLE_RATE
    return ("min", 60 * SAMPLE_RATE) if seconds < _HOURS_FROM else ("h", 3600 * SAMPLE_RATE)
