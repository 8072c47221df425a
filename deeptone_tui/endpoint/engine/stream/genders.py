"""The answers of the gender model."""

from deeptone_tui.endpoint.engine.stream.shares import UNITS, Shares
from deeptone_tui.protocol import Answer

UNSURE = 0.7
"""From 0.3 to 0.7 the answer is ``unknown``."""


def gender_raw(female: float) -> dict[str, float]:
    """Both classes, four decimals, a sum of exactly 1."""
    units = round(female * UNITS)
    return {"female": units / UNITS, "male": (UNITS - units) / UNITS}


def gender_answer(shares: Shares, female: float) -> Answer:
    """Who speaks, if the speech detector found speech; otherwise ``no_speech`` with its certainty.

    Args:
        shares: of the period, as ``speech-rt`` sees it.
        female: probability of a woman's voice.
    """
    if shares.answer.result != "speech":
        return Answer("no_speech", (UNITS - shares.speech) / UNITS)
    raw = gender_raw(female)
    result = max(raw, key=raw.__getitem__)
    confidence = raw[result]
    return Answer(result if confidence >= UNSURE else "unknown", confidence)
