"""The verdict in words, and the classes of the models: one tone and one name for each.

A tone is the name of a style; which colour it is, the theme says. The name goes with it
wherever it is shown, so that nothing is told by colour alone.
"""

from typing import NamedTuple

import numpy as np

from deeptone_tui.app.view import View
from deeptone_tui.core.text import whole_number
from deeptone_tui.dsp import period_is_silent
from deeptone_tui.monitor.state import SessionPhase, SourcePhase
from deeptone_tui.protocol import CATALOGUE, STEP_MS, Answer

QUIET = "quiet"
"""Tone of answers that say that there is nothing to judge."""
UNSURE = "unsure"
"""Tone of answers that say that the model cannot tell."""
TONES = ("first", "second", "third", "fourth", "fifth", "sixth")
"""Tones of a model's own classes, in the order of the catalogue."""

_TONE_OF = {"silence": QUIET, "no_speech": QUIET, "unknown": UNSURE}

ALERT = "alert"
"""Tone of a verdict that asks for attention."""

_NO_DATA = {
    SourcePhase.OPENING: "opening",
    SourcePhase.STALLED: "source stalled",
    SourcePhase.LOST: "source lost",
    SourcePhase.FAILED: "no source",
}
ANSWERING = {
    SessionPhase.OPEN,
    SessionPhase.STREAMING,
    SessionPhase.DRAINING,
    SessionPhase.REPLAYING,
}
"""Phases in which the endpoint's answers are of now."""
_SHORTEST, _LONGEST = 4, 16
"""Steps that the preview's silence looks back over, whatever the period is: long enough not to
flicker between syllables, short enough to follow."""


def name_of(answer: Answer | None) -> str:
    """The class in a word; empty where there is no answer.

    A speaker map answers with the speaker who is heard instead of a class.
    """
    if answer is None:
        return ""
    if answer.result is not None:
        return answer.result
    speaker = answer.extra.get("speaker_top")
    return speaker if isinstance(speaker, str) else ""


def tone_of(model: str, name: str) -> str:
    """The tone of a class of a model; classes that are not documented have one too."""
    if name in _TONE_OF:
        return _TONE_OF[name]
    known = CATALOGUE[model].classes if model in CATALOGUE else ()
    if name in known:
        return TONES[known.index(name)]
    number = whole_number(name.rpartition("_")[2])  # speaker_1, speaker_2, …
    return UNSURE if number is None else TONES[(number - 1) % len(TONES)]


def short_name(name: str) -> str:
    """A class as people say it: without underscores."""
    return name.replace("_", " ")


class Saying(NamedTuple):
    """A word with what belongs to it."""

    text: str
    detail: str = ""
    """Confidence, or how long."""
    tone: str = ""


class VerdictWords(NamedTuple):
    """The first word, and what else there is to say, most important first."""

    main: Saying
    others: tuple[Saying, ...] = ()


def verdict_of(view: View) -> VerdictWords:
    """Put in words what is heard.

    No data, muted and silence are the preview's to say, at the mark where it stands; what is
    louder is the endpoint's to name.
    """
    source = view.state.source.phase
    if source in _NO_DATA:
        return VerdictWords(Saying("NO DATA", tone=ALERT), (Saying(_NO_DATA[source], tone=QUIET),))
    if source is SourcePhase.ENDED:
        return VerdictWords(Saying("ENDED", tone=QUIET))
    if view.state.meter.muted:
        return VerdictWords(Saying("MUTED", tone=ALERT), (Saying("all samples 0", tone=QUIET),))
    if not len(view.state.history.levels):
        return VerdictWords(Saying("NO DATA", tone=ALERT), (Saying("nothing yet", tone=QUIET),))
    if _is_silent(view):
        return VerdictWords(
            Saying("SILENCE", _silent_for(view), QUIET), (Saying("under the mark", tone=QUIET),)
        )
    return _named_by_endpoint(view)


def _is_silent(view: View) -> bool:
    """Whether the newest period of audio is silence at the mark."""
    period = view.applied.output_period if view.applied else STEP_MS * _LONGEST
    steps = min(max(period // STEP_MS, _SHORTEST), _LONGEST)
    return period_is_silent(view.state.history.levels[-steps:], view.mark)


def _silent_for(view: View) -> str:
    """How long it has been silent at the mark, within the span."""
    levels = view.span_levels
    loud = np.flatnonzero(np.asarray(levels, dtype=np.float64) >= view.mark)
    steps = len(levels) - (int(loud[-1]) + 1 if len(loud) else 0)
    seconds = steps * STEP_MS // 1000
    return f"{seconds} s" if seconds else ""


def _named_by_endpoint(view: View) -> VerdictWords:
    """What the endpoint answered last, or why it did not."""
    phase = view.state.session.phase
    if phase not in ANSWERING:
        return VerdictWords(Saying("SOUND", tone=UNSURE), (Saying("no endpoint", tone=QUIET),))
    answers = _answers(view)
    if not answers:
        return VerdictWords(Saying("SOUND", tone=UNSURE), (Saying("no answer yet", tone=QUIET),))
    if answers[0].tone == QUIET:
        note = Saying(f"said: {answers[0].text.lower()}", tone=QUIET)
        return VerdictWords(Saying("SOUND", tone=UNSURE), (note,))
    main = Saying(answers[0].text.upper(), answers[0].detail, answers[0].tone)
    return VerdictWords(main, answers[1:] or (Saying("by the endpoint", tone=QUIET),))


def _answers(view: View) -> tuple[Saying, ...]:
    """The endpoint's newest answers, in the order in which the models were asked for."""
    latest = view.state.latest
    if latest is None:
        return ()
    asked = view.applied.models if view.applied else ()
    models = sorted(latest.answers, key=lambda name: asked.index(name) if name in asked else 99)
    return tuple(
        Saying(short_name(name_of(answer)), confidence_of(answer), tone_of(model, name_of(answer)))
        for model, answer in ((model, latest.answers[model]) for model in models)
    )


def confidence_of(answer: Answer | None) -> str:
    """The confidence with two decimals; empty where there is none."""
    return "" if answer is None or answer.confidence is None else f"{answer.confidence:.2f}"
