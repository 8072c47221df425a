"""The sentence that says why."""

from deeptone_tui.level import format_dbfs, format_share, from_dbfs
from deeptone_tui.tuning.signs import ZERO_DBFS, Signs
from deeptone_tui.tuning.suggestion import Suggestion, Verdict


def why(signs: Signs, dbfs: float) -> str:
    """Say what the threshold, in dBFS, lies between and what it does."""
    found = (
        f"Speech is at {_shown(signs.voice)} and the rest {_where(signs.floor)}; "
        f"{_shown(dbfs)} is expected to lose {format_share(signs.lost)} of the speech "
        f"and to pass {format_share(signs.passed)} of the rest"
    )
    if max(signs.lost, signs.passed) > 0.2:  # noqa: PLR2004  a fifth, as in the confidence
        return f"{found}, because their levels overlap."
    return f"{found}."


def refusal(verdict: Verdict, signs: Signs) -> Suggestion:
    """No threshold, and what to do about it."""
    measured = signs.voice < 0.0 and signs.floor > ZERO_DBFS
    floor = from_dbfs(signs.floor) if measured and verdict is Verdict.NO_SPEECH else None
    voice = from_dbfs(signs.voice) if measured and verdict is Verdict.ONLY_SPEECH else None
    return Suggestion(verdict, None, floor, voice, None, None, 0.0, _reason(verdict, signs, floor))


def _reason(verdict: Verdict, signs: Signs, floor: float | None) -> str:
    if verdict is Verdict.TOO_LITTLE:
        return f"{signs.seconds:.1f} s are too little audio: 3 s with sound are needed."
    if verdict is Verdict.ONLY_SPEECH:
        return "No pause stands out from the speech: be quiet for a moment and try again."
    if floor is None:
        return "Hardly anything but digital zero was heard: is the input muted?"
    return f"No speech stands out from the sound at {format_dbfs(floor)}: talk, and try again."


def _where(floor: float) -> str:
    return f"at {_shown(floor)}" if floor > ZERO_DBFS else "is digital zero"


def _shown(dbfs: float) -> str:
    return format_dbfs(from_dbfs(dbfs))
