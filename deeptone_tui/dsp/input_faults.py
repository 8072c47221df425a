"""Faults of the input that make a level, or a threshold suggested from levels, misleading.

Each is reported only when it matters: when it moves the level of the room, or of the whole, by 1 dB
or more, or when clipping is more than occasional.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

import numpy as np

from deeptone_tui.dsp.input_meter import STEPS_IN_PIECE, ChannelFigures, InputFigures, hum_share
from deeptone_tui.dsp.samples import NEAR_ZERO, Flags, Floats, Levels, runs
from deeptone_tui.protocol.units import format_dbfs, from_dbfs

_LOUDEST: Final = 95
"""Percentile of the levels above near zero that is the level of loud speech."""
_UNDER_LOUDEST_DB: Final = 15.0
"""Levels less than this under loud speech count as speech."""
_REPEATED: Final = 3
"""Times that something has to happen to be the effect of a device rather than an accident."""
_MOSTLY: Final = 2 / 3
"""Share of the pauses in which it has to happen."""

MATERIAL_DB: Final = 1.0
"""A fault that moves levels by less than this is not reported."""


def gain_rise(levels: Levels) -> float:
    """Return the rise of the room in pauses under automatic gain, in dB; 0 without one.

    After speech the gain recovers slowly, so the room starts low and rises steadily, in pause after
    pause. The decay of speech itself is excluded: a rise starts at the lowest level of the first
    half.

    Args:
        levels: Levels of steps, from 0 to 1, shape (n,).
    """
    # The room may come so close to speech that only the loudest speech stands out.
    for under_loud_db in (_UNDER_LOUDEST_DB, _UNDER_LOUDEST_DB / 2):
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


def _speech(levels: Levels, under_loud_db: float = _UNDER_LOUDEST_DB) -> Flags:
    """Mark the steps loud enough to be speech."""
    return np.asarray((levels > NEAR_ZERO) & (_decibels(levels) > _loud(levels) - under_loud_db))


class FaultKind(StrEnum):
    """Kind of fault; the value is its name in JSON."""

    OFFSET = "offset"
    DEAD_CHANNEL = "dead_channel"
    CANCELLING_CHANNELS = "cancelling_channels"
    HUM = "hum"
    CLIPPING = "clipping"
    AUTOMATIC_GAIN = "automatic_gain"
    NOISE_GATE = "noise_gate"


@dataclass(frozen=True, slots=True)
class Fault:
    """Fault of the input that makes levels misleading."""

    kind: FaultKind
    words: str
    """One sentence: the fault, its extent, and the remedy."""


def input_faults(
    figures: InputFigures, channels: ChannelFigures | None = None
) -> tuple[Fault, ...]:
    """Return the faults that make levels and suggestions misleading.

    Args:
        figures: Figures of the audio as it is measured, of one channel.
        channels: Figures of the channels that were mixed into it; None if nothing was mixed.

    Returns:
        At most one fault of each kind, in the order of `FaultKind`; empty when all is well.
    """
    quiet = _quiet(figures.levels)
    return (
        *_offset(figures),
        *(() if channels is None else _channels(channels)),
        *_hum(figures, quiet),
        *_clipping(figures),
        *_pauses(figures.levels),
    )


_ROOM_DB: Final = 3.0
"""Levels up to this much over the 10th percentile are the room alone."""


def _quiet(levels: Levels) -> Flags:
    """Mark the steps that hold only the room; levels near zero are not the room."""
    sounding = levels > NEAR_ZERO
    if not sounding.any():
        return sounding
    floor = float(np.percentile(levels[sounding], 10))
    return sounding & (levels <= floor * from_dbfs(_ROOM_DB))


_LEAST_STEPS: Final = 16
"""Least number of steps to call something constant: 1 s."""
_SEGMENTS: Final = 8
_CONSTANT: Final = 4.5
"""Standard errors that a mean must be from 0 to be an offset rather than rumble."""


def _offset(figures: InputFigures) -> Iterator[Fault]:
    """Yield a fault for a mean that is constant, in speech too, and much of the quietest level."""
    sounding = figures.levels > NEAR_ZERO
    means, levels = figures.means[sounding], figures.levels[sounding]
    if len(means) < _LEAST_STEPS:
        return
    segments = np.array([part.mean() for part in np.array_split(means, _SEGMENTS)])
    offset = float(means.mean())
    error = float(segments.std(ddof=1)) / _SEGMENTS**0.5
    if abs(offset) <= _CONSTANT * error:
        return
    without = np.maximum(levels**2 - 2 * offset * means + offset**2, NEAR_ZERO**2)
    by = 10 * float(np.log10(np.percentile(levels**2, 10) / np.percentile(without, 10)))
    if by >= MATERIAL_DB:
        yield Fault(
            FaultKind.OFFSET,
            f"A constant offset of {_short(abs(offset))} makes up {_part(by)}: remove it "
            "(sox IN OUT highpass 20), or level and threshold are of the offset.",
        )


def _hum(figures: InputFigures, quiet: Flags) -> Iterator[Fault]:
    """Yield a fault for mains hum in the room, without the offset, which is reported by itself."""
    alone = np.all(quiet.reshape(-1, STEPS_IN_PIECE), axis=1, keepdims=True)
    windows = figures.hum[1:][(alone[1:] & alone[:-1])[:, 0]]
    if len(windows) < _LEAST_WINDOWS or not _in_the_way(figures.levels, quiet):
        return
    mains, share = hum_share(windows)
    by = float(-10.0 * np.log10(max(1.0 - share, 1e-9)))
    if by >= MATERIAL_DB:
        yield Fault(
            FaultKind.HUM,
            f"Mains hum of {mains} Hz makes up {_part(by)}: look to the cable and its earth, or "
            "the threshold is for the hum.",
        )


def _in_the_way(levels: Levels, quiet: Flags) -> bool:
    """Return True if the room is loud enough for its composition to matter to a threshold."""
    room = float(np.percentile(levels[quiet], 50))
    loud = float(np.percentile(levels[levels > NEAR_ZERO], 95))
    if loud < room * from_dbfs(_SPEECH_DB):  # nobody has spoken yet
        return room > from_dbfs(_LOUD_ROOM_DBFS)
    return loud < room * from_dbfs(_WIDE_DB)


_SPEECH_DB: Final = 10.0
"""A sound that is not this much louder than the room is not speech."""
_WIDE_DB: Final = 30.0
"""With this between the room and loud speech, a threshold has space whatever the room holds."""
_LOUD_ROOM_DBFS: Final = -50.0
"""A room under this is silence at the initial threshold, -46 dBFS."""
_LEAST_WINDOWS: Final = 3

_LEAST_CLIPPED_STEPS: Final = 5
"""Least number of steps with clipping, so that one slammed door is not a fault."""
_CLIPPED_SHARE: Final = 0.05
"""Share of the loud steps from which clipping is more than occasional."""
_LOUD_DB: Final = 20.0


def _clipping(figures: InputFigures) -> Iterator[Fault]:
    """Yield a fault for clipping in a considerable share of the loud steps."""
    clipped = figures.clips > 0
    steps = int(np.count_nonzero(clipped))
    if steps < _LEAST_CLIPPED_STEPS:
        return
    loudest = float(np.percentile(figures.levels[figures.levels > NEAR_ZERO], 95))
    loud = int(np.count_nonzero(figures.levels > loudest * from_dbfs(-_LOUD_DB)))
    if steps >= _CLIPPED_SHARE * loud:
        yield Fault(
            FaultKind.CLIPPING,
            f"The input clips in {round(figures.clips.sum())} places, in "
            f"{steps / loud:.0%} of what is loud: turn its gain down, or loud levels read too "
            "low.".replace("%", " %"),
        )


def _pauses(levels: Levels) -> Iterator[Fault]:
    """Yield faults for the effects of upstream devices on pauses."""
    rise = gain_rise(levels)
    if rise:
        yield Fault(
            FaultKind.AUTOMATIC_GAIN,
            f"Automatic gain raises the room by {rise:.0f} dB in pauses, so that no threshold "
            "fits the whole of one: turn it off where the sound is captured.",
        )
    room = gated_room(levels)
    if room:
        yield Fault(
            FaultKind.NOISE_GATE,
            f"A noise gate upstream silences pauses, in which the room's own level, "
            f"{format_dbfs(room)}, is not heard: turn it off, or the threshold is for the gate.",
        )


_DEAD_DB: Final = 40.0
_CANCELLING_DB: Final = 6.0
"""Least distance of the mix below that of uncorrelated channels. The mix of correlated ones is
above that, so only opposite polarity gets so low."""


def _channels(channels: ChannelFigures) -> Iterator[Fault]:
    """Yield a fault for dead or cancelling channels in a mix."""
    powers = channels.powers()
    each, mix = powers[:-1], float(powers[-1])
    loudest = int(each.argmax())
    if len(each) < 2 or each[loudest] <= NEAR_ZERO**2:  # noqa: PLR2004  nothing is mixed
        return
    take = f"--channel {loudest + 1}"
    dead = np.flatnonzero(each <= max(NEAR_ZERO**2, float(each[loudest]) * 10 ** (-_DEAD_DB / 10)))
    if len(dead):
        by = 20 * float(np.log10(len(each) / (len(each) - len(dead))))
        if by >= MATERIAL_DB:
            yield Fault(
                FaultKind.DEAD_CHANNEL,
                f"{_named(dead.tolist())} silent: the mix is {by:.0f} dB lower; {take}.",
            )
        return
    apart = float(each.sum()) / len(each) ** 2
    if mix < apart * 10 ** (-_CANCELLING_DB / 10):
        by = 10 * float(np.log10(each.min() / max(mix, NEAR_ZERO**2)))
        which = "Channels 1 and 2" if len(each) == 2 else "The channels"  # noqa: PLR2004  a pair
        yield Fault(
            FaultKind.CANCELLING_CHANNELS,
            f"{which} cancel each other: the mix is {by:.0f} dB lower than any of them; {take}.",
        )


def _named(indexes: Sequence[int]) -> str:
    """Name channels, counted from 1, as the subject of a sentence."""
    numbers = [str(index + 1) for index in indexes]
    if len(numbers) == 1:
        return f"Channel {numbers[0]} is"
    return f"Channels {', '.join(numbers[:-1])} and {numbers[-1]} are"


def _part(by: float) -> str:
    """Describe the part of the floor that makes it ``by`` dB higher."""
    if by >= _ALL_DB:
        return "this floor"
    return f"{'most' if by >= _MOST_DB else 'part'} of this floor, {by:.0f} dB"


_ALL_DB: Final = 20.0
_MOST_DB: Final = 3.0


def _short(number: float) -> str:
    """Write a small number with two digits, never in scientific notation."""
    return f"{Decimal(f'{number:.2g}'):f}"
