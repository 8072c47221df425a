"""What the endpoint said of each step of a stretch of audio, as tuning wants to know it."""

from typing import TYPE_CHECKING

import numpy as np

from deeptone_tui.level import STEP_SAMPLES
from deeptone_tui.tuning import OTHER, SPEECH, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from deeptone_tui.monitor.state import Entry
    from deeptone_tui.tuning import Heard

SPEECH_MODELS = ("speech-rt", "speech")
"""The models that tell speech from the rest."""


def heard_in(entries: "Sequence[Entry]", first_step: int, steps: int) -> "Heard | None":
    """Find what was heard in each step.

    What was silence at a threshold was not listened to, so it is unknown; at threshold 0 it was.

    Args:
        entries: the results, oldest first.
        first_step: absolute index of the first step.
        steps: how many there are.

    Returns:
        `SPEECH`, `OTHER` or `UNKNOWN` for each step, shape (steps,); None when nothing is known
        of any of them.
    """
    heard = np.full(steps, UNKNOWN, dtype=np.int8)
    for entry in reversed(list(_within(entries, first_step))):
        start = entry.sample // STEP_SAMPLES - first_step
        end = start + -(-entry.samples // STEP_SAMPLES)
        heard[max(start, 0) : max(end, 0)] = meaning_of(entry)
    return heard if (heard != UNKNOWN).any() else None


def meaning_of(entry: "Entry") -> int:
    """What a result says by the first of its models that tells speech from the rest."""
    model = next((name for name in SPEECH_MODELS if name in entry.step.answers), None)
    result = entry.step.answers[model].result if model else None
    if result is None or (result == "silence" and entry.parameters.volume_threshold > 0):
        return UNKNOWN
    return SPEECH if result == "speech" else OTHER


def _within(entries: "Sequence[Entry]", first_step: int) -> "Iterable[Entry]":
    """The results that reach into the stretch, newest first."""
    for entry in reversed(entries):
        if entry.sample + entry.samples <= first_step * STEP_SAMPLES:
            return
        yield entry
