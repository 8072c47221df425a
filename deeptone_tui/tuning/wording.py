"""The sentences that say why."""

from typing import TYPE_CHECKING

from deeptone_tui.dsp import format_dbfs, from_dbfs
from deeptone_tui.protocol import STEP_MS
from deeptone_tui.tuning.belief import ZERO_DBFS
from deeptone_tui.tuning.suggestion import Suggestion, Verdict

if TYPE_CHECKING:
    from deeptone_tui.tuning.search import Choice
    from deeptone_tui.tuning.signs import Signs

_OVERLAP = 0.2
"""Expected cost from which on the levels are said to overlap."""


def why(signs: "Signs", choice: "Choice", counted_steps: int, period_steps: int) -> str:
    """Say what the threshold lies between, and how far it could be moved.

    Args:
        signs: what was measured.
        choice: the threshold.
        counted_steps: steps of the periods that it was sought in.
        period_steps: steps of the periods that it was to be sought in.
    """
    down, up = choice.dbfs - choice.lowest, choice.highest - choice.dbfs
    levels = (
        f"Speech is at {_shown(signs.voice)} and the rest {_where(signs.floor)}; "
        f"{_shown(choice.dbfs)} can be {_moved(down, up)} as well."
    )
    sentences = [levels]
    if choice.cost > _OVERLAP:
        sentences.append("Their levels overlap: no threshold keeps them apart.")
    if counted_steps < period_steps:
        sentences.append(
            f"No pause and no speech as long as {period_steps * STEP_MS} ms was heard, so this is "
            f"for {counted_steps * STEP_MS} ms."
        )
    return " ".join(sentences)


def refusal(verdict: Verdict, signs: "Signs") -> Suggestion:
    """No threshold, and what to do about it."""
    measured = signs.voice < 0.0 and signs.floor > ZERO_DBFS
    floor = from_dbfs(signs.floor) if measured and verdict is Verdict.NO_SPEECH else None
    voice = from_dbfs(signs.voice) if measured and verdict is Verdict.ONLY_SPEECH else None
    reason = _reason(verdict, signs, floor)
    return Suggestion(verdict, None, floor, voice, None, None, 0.0, 0.0, reason)


def _reason(verdict: Verdict, signs: "Signs", floor: float | None) -> str:
    if verdict is Verdict.TOO_LITTLE:
        return f"{signs.seconds:.1f} s are too little audio: 3 s with sound are needed."
    if verdict is Verdict.ONLY_SPEECH:
        return "No pause stands out from the speech: be quiet for a moment and try again."
    if floor is None:
        return "Hardly anything but digital zero was heard: is the input muted?"
    return f"No speech stands out from the sound at {format_dbfs(floor)}: talk, and try again."


def _moved(down: float, up: float) -> str:
    return f"{down:.1f} dB lower or {up:.1f} dB higher"


def _where(floor: float) -> str:
    return f"at {_shown(floor)}" if floor > ZERO_DBFS else "is digital zero"


def _shown(dbfs: float) -> str:
    return format_dbfs(from_dbfs(dbfs))
