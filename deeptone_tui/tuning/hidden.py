"""Speech comes in stretches: how likely each step is speech, seen together with its neighbours.

A hidden Markov model with two states, solved forwards and backwards (Rabiner, "A tutorial on
hidden Markov models", Proceedings of the IEEE 77, 1989). With two states the odds of one against
the other are all there is to carry, one number a step, which can neither overflow nor fade away.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

SPEECH_STAYS: Final = 0.957
"""Probability that speech goes on from one step of 64 ms to the next: stretches of 1.5 s."""
OTHER_STAYS: Final = 0.946
"""The same of what is not speech."""
_SCALED = 8  # steps after which the maps are brought back to 1, long before they overflow


def smoothed(log_odds: Floats) -> Floats:
    """Return the probability of speech in each step, given what every step says.

    Args:
        log_odds: how much more likely speech makes what is known of each step than no speech
            does, as a natural logarithm, shape (n,), within some tens.

    Returns:
        Shape (n,), from 0 to 1.
    """
    evidence = np.exp(log_odds)
    speech_ends, other_ends = 1.0 - SPEECH_STAYS, 1.0 - OTHER_STAYS
    before = _carried(evidence, other_ends, speech_ends)
    after = _carried(evidence[::-1], speech_ends, other_ends)[::-1]
    odds = before * evidence * after
    return np.asarray(odds / (1.0 + odds))


def _carried(evidence: Floats, gain: float, loss: float) -> Floats:
    """Carry odds from step to step: those that come to each step, shape (n,), the first being 1.

    What leaves a step is ``(stays * odds + gain) / (loss * odds + other stays)`` of what came to it
    times its evidence. Such maps follow one another as 2×2 matrices do, so the steps are cut into
    as many blocks as these have steps: all blocks are gone through at once with their maps, then
    from block to block with the odds. Without it, quarter of an hour would take too long.
    """
    size = math.isqrt(max(0, evidence.size - 1)) + 1
    blocks = np.ones(size * size)
    blocks[: evidence.size] = evidence
    steps = blocks.reshape(size, size).T
    maps = np.zeros((size + 1, 2, 2, size))  # step, row, column, block: from its begin to the step
    maps[0, 0, 0] = maps[0, 1, 1] = 1.0
    for n, (up, down) in enumerate(zip(SPEECH_STAYS * steps, loss * steps, strict=True)):
        speech, other = maps[n]
        np.add(up * speech, gain * other, out=maps[n + 1, 0])
        np.add(down * speech, OTHER_STAYS * other, out=maps[n + 1, 1])
        if n % _SCALED == 0:  # a map means the same at any scale
            maps[n + 1] /= maps[n + 1].sum(axis=(0, 1))
    starts, odds = np.empty(size), 1.0
    for block, ((p, q), (r, s)) in enumerate(maps[size].transpose(2, 0, 1).tolist()):
        starts[block] = odds
        odds = (p * odds + q) / (r * odds + s)
    maps = maps[:size]
    come = (maps[:, 0, 0] * starts + maps[:, 0, 1]) / (maps[:, 1, 0] * starts + maps[:, 1, 1])
    return np.asarray(come.T.reshape(-1)[: evidence.size])
