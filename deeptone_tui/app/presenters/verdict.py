"""The verdict in words, and the tone and the name of each class of the models.

A tone is the name of a style; the theme defines its colour. The class name is shown wherever the
tone is, so that nothing depends on colour alone.
"""

from typing import NamedTuple

from deeptone_tui.app.view import View
from deeptone_tui.core.text import whole_number
from deeptone_tui.monitor.state import SessionPhase, SourcePhase
from deeptone_tui.protocol import CATALOGUE, STEP_MS, Answer

QUIET = "quiet"
"""Tone of answers for which there is nothing to judge."""
UNSURE = "unsure"
"""Tone of answers for which the model is unsure."""
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
"""Phases in which the endpoint's answers are current."""
_SHORTEST, _LONGEST = 4, 16
"""Limits of the number of steps that the preview looks back over for silence, whatever the period
is: long enough not to flicker between syllables, short enough to follow."""


def name_of(answer: Answer | None) -> str:
    """Return the class of an answer as a word; empty if there is no answer.

    A speaker map has no class; its word is the top speaker.
    """
    if answer is None:
        return ""
    if answer.result is not None:
        return answer.result
    speaker = answer.extra.get("speaker_top")
    return speaker if isinstance(speaker, str) else ""


def tone_of(model: str, name: str) -> str:
    """Return the tone of a model's class; undocumented classes have one too."""
    if name in _TONE_OF:
        return _TONE_OF[name]
    known = CATALOGUE[model].classes if model in CATALOGUE else ()
    if name in known:
        return TONES[known.index(name)]
    number = whole_number(name.rpartition("_")[2])  # speaker_1, speaker_2, …
    return UNSURE if number is None else TONES[(number - 1) % len(TONES)]


def short_name(name: str) -> str:
    """Return the name of a class without underscores."""
    return name.replace("_", " ")


class Saying(NamedTuple):
    """A word with its detail and its tone."""

    text: str
    detail: str = ""
    """Confidence, or duration."""
    tone: str = ""


class VerdictWords(NamedTuple):
    """The verdict's main word, and further ones, most important first."""

    main: Saying
    others: tuple[Saying, ...] = ()


def verdict_of(view: View) -> VerdictWords:
    """Return the verdict on the current audio in words.

    The preview decides no data, muted, and silence at the threshold under the cursor; the endpoint
    names louder audio.
    """
    source = view.state.source.phase
    if source in _NO_DATA:
        return VerdictWords(Saying("NO DATA", tone=ALERT), (Saying(_NO_DATA[source], tone=QUIET),))
    if source is SourcePhase.ENDED:
        return VerdictWords(Saying("ENDED", tone=QUIET))
    if view.state.meter.muted:
        return VerdictWords(Saying("MUTED", tone=ALERT), (Saying("all samples 0", tone=QUIET),))
    if not view.state.history.steps:
        return VerdictWords(Saying("NO DATA", tone=ALERT), (Saying("nothing yet", tone=QUIET),))
    if _is_silent(view):
        return VerdictWords(
            Saying("SILENCE", _silent_for(view), QUIET), (Saying("below threshold", tone=QUIET),)
        )
    return _named_by_endpoint(view)


def _is_silent(view: View) -> bool:
    """Return True if the newest steps are silence at the threshold under the cursor."""
    from deeptone_tui.dsp import period_is_silent  # noqa: PLC0415  after the first frame

    period = view.applied.output_period if view.applied else STEP_MS * _LONGEST
    steps = min(max(period // STEP_MS, _SHORTEST), _LONGEST)
    return period_is_silent(view.state.history.levels[-steps:], view.mark)


def _silent_for(view: View) -> str:
    """Return the time since a level reached the threshold, within the span; empty under 1 s."""
    import numpy as np  # noqa: PLC0415  after the first frame

    levels = view.span_levels
    loud = np.flatnonzero(np.asarray(levels, dtype=np.float64) >= view.mark)
    steps = len(levels) - (int(loud[-1]) + 1 if len(loud) else 0)
    seconds = steps * STEP_MS // 1000
    return f"{seconds} s" if seconds else ""


def _named_by_endpoint(view: View) -> VerdictWords:
    """Return the endpoint's newest answers, or the reason why there are none."""
    phase = view.state.session.phase
    if phase not in ANSWERING:
        return VerdictWords(Saying("SOUND", tone=UNSURE), (Saying("no endpoint", tone=QUIET),))
    answers = _answers(view)
    if not answers:
        return VerdictWords(Saying("SOUND", tone=UNSURE), (Saying("no answer yet", tone=QUIET),))
    if answers[0].tone == QUIET:
        note = Saying(f"answer: {answers[0].text.lower()}", tone=QUIET)
        return VerdictWords(Saying("SOUND", tone=UNSURE), (note,))
    main = Saying(answers[0].text.upper(), answers[0].detail, answers[0].tone)
    return VerdictWords(main, answers[1:] or (Saying("by the endpoint", tone=QUIET),))


def _answers(view: View) -> tuple[Saying, ...]:
    """Return the endpoint's newest answers, in the order of the models applied."""
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
    """Return the confidence with two decimals; empty if there is none."""
    return "" if answer is None or answer.confidence is None else f"{answer.confidence:.2f}"
