"""Traces of upstream devices in the levels of pauses: automatic gain, and a noise gate."""

from typing import Final

import numpy as np

from deeptone_tui.dsp.samples import NEAR_ZERO, Flags, Floats, Levels, from_dbfs, runs

_LOUDEST: Final = 95
"""Percentile of the levels above near zero that is the level of loud speech."""
_SPEECH_DB: Final = 15.0
"""Levels less than this under loud speech count as speech."""
_REPEATED: Final = 3
"""Times that something has to happen to be the effect of a device rather than an accident."""
_MOSTLY: Final = 2 / 3
"""Share of the pauses in which it has to happen."""


def gain_rise(levels: Levels) -> float:
    """Return the rise of the room in pauses under automatic gain, in dB; 0 without one.

    After speech the gain recovers slowly, so the room starts low and rises steadily, in pause after
    pause. The decay of speech itself is excluded: a rise starts at the lowest level of the first
    half.

    Args:
        levels: Levels of steps, from 0 to 1, shape (n,).
    """
    # The room may come so close to speech that only the loudest speech stands out.
    for under_loud_db in (_SPEECH_DB, _SPEECH_DB / 2):
        rise = _common_rise(levels, _speech(levels, under_loud_db))
        if rise:
            return rise
    return 0.0


def _common_rise(levels: Levels, speech: Flags) -> float:
    """Return the median of the steady rises between speech, in dB; 0 if they are too few."""
    if len(levels) < _PAUSE_STEPS:
        return 0.0
    smooth = np.convolve(_decibels(levels), np.ones(_SMOOTH_STEPS) / _SMOOTH_STEPS, "valid")
    rises = list[float]()
    for first, end in zip(*runs(~speech), strict=True):
        # The last steps may hold a breath, or the onset of the next words.
        pause = slice(first, end - _BEFORE_SPEECH)
        if first and pause.stop - first >= _PAUSE_STEPS and levels[pause].min() > NEAR_ZERO:
            rises.append(_rise(smooth[first : pause.stop - _SMOOTH_STEPS + 1]))
    steady = [rise for rise in rises if rise >= _RISE_DB]
    if len(steady) < max(_REPEATED, _MOSTLY * len(rises)):
        return 0.0
    return float(np.median(steady))


_BEFORE_SPEECH: Final = 2
_PAUSE_STEPS: Final = 10
"""Least number of steps of a pause in which a rise can be seen: 0.64 s."""
_SMOOTH_STEPS: Final = 3
"""Steps over which levels are averaged before the search for a rise."""
_RISE_DB: Final = 3.0
_REACHED_DB: Final = 1.0
"""Distance from its top at which a rise is over: gain does not grow without limit."""
_STEADY: Final = 0.85
"""Least correlation of a steady rise with time."""
_LEAST_RISE_STEPS: Final = 5
"""Least number of steps that it takes, 0.3 s: a faster rise is the onset of a sound."""


def _rise(pause: Floats) -> float:
    """Return the steady rise within a smoothed pause, in dB; 0 if there is none."""
    first = int(pause[: len(pause) // 2].argmin())
    top = float(pause[-max(3, len(pause) // 4) :].mean())
    rise = top - float(pause[first])
    if rise < _RISE_DB:
        return 0.0
    reached = np.flatnonzero(pause[first:] >= top - _REACHED_DB)
    rising = pause[first : first + int(reached[0]) + 1]
    if (
        len(rising) < _LEAST_RISE_STEPS
        or np.corrcoef(np.arange(len(rising)), rising)[0, 1] < _STEADY
    ):
        return 0.0
    return rise


def gated_room(levels: Levels) -> float:
    """Return the level of the room that a noise gate passes after speech; 0 without a gate.

    A gate stays open for its hold time after speech, in which the room is heard, always at the same
    level, and then closes: the pause is digital zero, or far below the room. Speech that fades out
    passes through every level on its way, and a muted microphone is muted at any moment.

    Args:
        levels: Levels of steps, from 0 to 1, shape (n,).
    """
    decibels, speech, shut = _decibels(levels), _speech(levels), _shut(levels)
    loud = _loud(levels)
    tails = []
    for first, end in zip(*runs(shut), strict=True):
        before = slice(max(0, first - _AFTER_SPEECH_STEPS), first)
        if end - first >= _SHUT_STEPS and speech[before].any():
            tails.append(_held(decibels[max(0, first - _TAIL_STEPS - 1) : first - 1]))
    held = np.array([tail for tail in tails if tail is not None])
    if len(held) < _REPEATED:
        return 0.0
    room = float(np.median(held))
    agreeing = np.count_nonzero(np.abs(held - room) <= _SAME_DB)
    deep = room - _DEEP_DB > decibels[shut].max() and room <= loud - _UNDER_SPEECH_DB
    if not deep or agreeing < max(_REPEATED, _MOSTLY * len(tails)):
        return 0.0
    return from_dbfs(room) if _is_floor(decibels, shut, room) else 0.0


_SHUT_STEPS: Final = 4
"""Least number of steps for which the gate is closed, 0.26 s."""
_AFTER_SPEECH_STEPS: Final = 24
"""Steps after speech within which a gate closes, 1.5 s."""
_TAIL_STEPS: Final = 8
"""Steps before it closes that are searched for the room. The very last is partly gated."""
_FLAT_DB: Final = 2.5
"""Largest difference between two consecutive steps of the room."""
_SAME_DB: Final = 3.0
"""Largest difference of the room between pauses, from their median."""
_DEEP_DB: Final = 10.0
"""Least distance of the room above the closed gate."""
_NOT_ROOM_DB: Final = 5.0
"""A level this much under the room is no longer the room."""
_UNDER_SPEECH_DB: Final = 15.0


def _held(tail: Floats) -> float | None:
    """Return the level in dB of the last two similar steps before a gate closed; None without."""
    alike = np.flatnonzero(np.abs(np.diff(tail)) <= _FLAT_DB)
    return float(tail[alike[-1] : alike[-1] + 2].mean()) if len(alike) else None


def _is_floor(decibels: Floats, shut: Flags, room: float) -> bool:
    """Return True if hardly any level lies between the room and what a closed gate leaves of it."""
    near = np.convolve(shut, np.ones(2 * _EDGE_STEPS + 1), "same") > 0
    inside = decibels[~near]
    at_room = np.count_nonzero(np.abs(decibels[~shut] - room) <= _SAME_DB)
    between = (inside > room - _DEEP_DB) & (inside < room - _NOT_ROOM_DB)
    return bool(np.count_nonzero(between) * 2 <= at_room)


_EDGE_STEPS: Final = 3
"""Steps around a closed stretch in which the gate opens or closes."""


def _shut(levels: Levels) -> Flags:
    """Mark the steps in which a gate may be closed: digital zero, or the lowest levels."""
    nothing = levels <= NEAR_ZERO
    if np.count_nonzero(nothing) >= len(levels) * _LEAST_SHUT or nothing.all():
        lowest = NEAR_ZERO
    else:
        lowest = float(np.percentile(levels[~nothing], 10))
    return np.asarray(levels <= lowest * from_dbfs(_SPREAD_DB))


_LEAST_SHUT: Final = 0.05
"""Least share of all steps at digital zero for a gate that leaves nothing."""
_SPREAD_DB: Final = 6.0
"""Largest distance of the noise that a gate leaves above its 10th percentile."""


def _decibels(levels: Levels) -> Floats:
    """Convert levels to dBFS, limited to −120 dBFS, far below everything."""
    return np.asarray(20.0 * np.log10(np.maximum(levels, 1e-6)))


def _loud(levels: Levels) -> float:
    """Return the level of loud speech, in dBFS; minus infinity without sound."""
    sounding = levels[levels > NEAR_ZERO]
    if not len(sounding):
        return -np.inf
    return float(20.0 * np.log10(np.percentile(sounding, _LOUDEST)))


def _speech(levels: Levels, under_loud_db: float = _SPEECH_DB) -> Flags:
    """Mark the steps loud enough to be speech."""
    return np.asarray((levels > NEAR_ZERO) & (_decibels(levels) > _loud(levels) - under_loud_db))
