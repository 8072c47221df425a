"""Sample types, levels of steps, the sliding array, and resampling to 16 kHz."""

from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from deeptone_tui.protocol.parameters import SAMPLE_RATE_HZ, STEP_SAMPLES

FULL_SCALE = 32_768
"""Sample value that stands for 1.0. Only -32768 reaches it; 32767 is just under."""

NEAR_ZERO = 2 / FULL_SCALE
"""Level of samples that are all ±2, −84.3 dBFS: dither, a resampler or a codec turns digital zero
into as much. A level that is no louder is neither room noise nor an open microphone."""

SAMPLE_BYTES = 2
"""Bytes of a 16-bit sample."""

Samples = npt.NDArray[np.int16]
"""Mono samples at 16 kHz, shape (n,)."""

Waveform = npt.NDArray[np.float32]
"""Mono samples where full scale is 1.0, shape (n,), at any rate."""

Magnitudes = npt.NDArray[np.uint16]
"""Absolute values of samples, 0 to 32768, shape (n,)."""

Levels = npt.NDArray[np.float64]
"""Levels of steps from 0 to 1, shape (n,)."""

Floats = npt.NDArray[np.float64]
"""Numbers of any meaning and shape."""

Flags = npt.NDArray[np.bool_]
"""Truth values, of any shape."""

Places = npt.NDArray[np.intp]
"""Indices, of any shape."""

NO_SAMPLES: Samples = np.empty(0, dtype=np.int16)
NO_SAMPLES.flags.writeable = False

_INT16 = np.dtype(np.int16)

_NO_LEVELS = np.empty(0, dtype=np.float64)
_NO_LEVELS.flags.writeable = False

Scalar = TypeVar("Scalar", bound=np.generic)

_LEAST_ROWS = 1024  # of the first array, which doubles until it has room for what is kept


def checked(samples: Samples) -> Samples:
    """Return the samples, if the meters can work with them.

    A float array would be measured 32768 times too quiet without anybody noticing, and a second
    dimension would be metered as if its channels followed one another.

    Raises:
        ValueError: if it is not one dimension of native 16-bit integers.
    """
    if samples.dtype != _INT16 or samples.ndim != 1:
        raise ValueError(
            f"int16 samples in one dimension are needed, not {samples.dtype} "
            f"with shape {samples.shape}"
        )
    return samples


def from_bytes(data: bytes) -> Samples:
    """Decode 16-bit little-endian samples; half a sample at the end is left out."""
    whole = len(data) // SAMPLE_BYTES
    return np.frombuffer(data, dtype="<i2", count=whole).astype(np.int16)


def magnitudes(samples: Samples) -> Magnitudes:
    """Return the absolute values, exact for -32768 too.

    The absolute value of -32768 does not fit 16 bits with a sign: it stays -32768, whose bits
    read without a sign are 32768.
    """
    return np.abs(samples).view(np.uint16)


def step_levels(samples: Samples) -> Levels:
    """Measure whole steps: the root mean square of ``sample / 32768``.

    Args:
        samples: int16, shape (n * 1024,).

    Returns:
        float64, shape (n,), each from 0 to 1.

    Raises:
        ValueError: when the samples are not int16, or not a whole number of steps.
    """
    if len(checked(samples)) % STEP_SAMPLES:
        raise ValueError(f"{len(samples)} samples are not a whole number of {STEP_SAMPLES}")
    steps = samples.astype(np.float64).reshape(-1, STEP_SAMPLES)
    return _rms(np.einsum("ij,ij->i", steps, steps))


class StepMeter:
    """Measures the steps of a stream that arrives in blocks of any size.

    Only the sum of squares of the step begun is carried. Squares of 16-bit samples are integers
    and the sum of 1024 of them stays under 2**53, so float64 adds them without rounding: the
    levels are those of `step_levels` to the last bit, however the stream was cut.
    """

    __slots__ = ("_squares", "pending")

    pending: int
    """Samples of the step begun, 0 to 1023."""

    def __init__(self) -> None:
        self.pending = 0
        self._squares = 0.0

    def feed(self, samples: Samples) -> Levels:
        """Take a block of any length and return the levels of the steps it completed.

        Returns:
            float64, shape (k,), oldest first; often empty.

        Raises:
            ValueError: when the samples are not int16 in one dimension.
        """
        values = checked(samples).astype(np.float64)
        room = STEP_SAMPLES - self.pending
        if len(values) < room:
            self._squares += float(values @ values)
            self.pending += len(values)
            return _NO_LEVELS
        head, rest = values[:room], values[room:]
        whole = len(rest) - len(rest) % STEP_SAMPLES
        body, tail = rest[:whole].reshape(-1, STEP_SAMPLES), rest[whole:]
        sums = np.empty(1 + len(body))
        sums[0] = self._squares + float(head @ head)
        np.einsum("ij,ij->i", body, body, out=sums[1:])
        self._squares = float(tail @ tail)
        self.pending = len(tail)
        return _rms(sums)


def _rms(sums: Levels) -> Levels:
    """Turn sums of squares of whole steps into levels."""
    return np.sqrt(sums / STEP_SAMPLES) / FULL_SCALE


def silent(levels: npt.ArrayLike, threshold: float) -> Flags:
    """Tell for each step whether it is silent: its level strictly less than the threshold.

    Args:
        levels: Levels from 0 to 1, any shape, as `step_levels` gives them.
        threshold: ``volume_threshold``, from 0 (nothing is silent) to 1.

    Returns:
        Booleans in the shape of ``levels``.
    """
    # As float64, because numpy would round the threshold to the type of a float32 array, and a
    # level just under it would become one that is not.
    return np.asarray(np.asarray(levels, dtype=np.float64) < threshold)


def period_is_silent(levels: npt.ArrayLike, threshold: float) -> bool:
    """Tell whether a period is silence: it has steps, and all of them are silent."""
    steps = silent(levels, threshold)
    return steps.size > 0 and bool(steps.all())


def runs(flags: Flags) -> tuple[Places, Places]:
    """Return the first index, and the index after the last, of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return edges[::2], edges[1::2]


def to_waveform(samples: Samples) -> Waveform:
    """Scale 16-bit samples to ±1.0, without rounding."""
    return samples.astype(np.float32) / np.float32(FULL_SCALE)


def to_samples(waveform: Waveform) -> Samples:
    """Scale to 16 bit, rounded and clipped. Samples that came from 16 bit are restored exactly."""
    scaled = np.rint(waveform * np.float32(FULL_SCALE))
    samples: Samples = np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
    return samples


class Resampler:
    """Converter of a mono stream at any rate to 16-bit samples at 16 kHz.

    libsoxr at quality HQ: flat to 7.5 kHz, alias under −120 dB. It works on float32, because given
    16-bit samples it adds dither, which would turn the digital zero of a muted microphone into
    noise. It holds back up to 40 ms; time is counted in samples delivered.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._stream: Any = None
        self.clear()

    def clear(self) -> None:
        """Reset the stream, as after a seek."""
        if self._rate != SAMPLE_RATE_HZ:
            import soxr  # noqa: PLC0415  loaded only to resample

            self._stream = soxr.ResampleStream(
                self._rate, SAMPLE_RATE_HZ, 1, dtype="float32", quality="HQ"
            )

    def process(self, waveform: Waveform) -> Samples:
        """Take the next samples; return those at 16 kHz that are complete, often none."""
        if self._stream is not None:
            waveform = self._stream.resample_chunk(waveform)
        return to_samples(waveform)

    def process_samples(self, samples: Samples) -> Samples:
        """Take the next samples of 16 bit; those at 16 kHz already are returned as they are."""
        return samples if self._stream is None else self.process(to_waveform(samples))

    def flush(self) -> Samples:
        """End the stream and return the samples held back. ``clear`` before feeding again."""
        if self._stream is None:
            return NO_SAMPLES
        return to_samples(self._stream.resample_chunk(np.empty(0, dtype=np.float32), last=True))


class SlidingArray(Generic[Scalar]):
    """The newest rows in one growing array, with views for readers.

    A view of `view` is read-only and never changes: new rows are only written after its end, and
    when the array is full, the newest ``kept`` rows move to a new one while old views keep the old.
    Rows that are written through `writable` change in views of them.

    Args:
        dtype: type of the values.
        kept: minimum number of rows kept, once there are so many.
        row: shape of a row; that of a single value by default.
        first: absolute index of the first row.
    """

    def __init__(
        self, dtype: type[Scalar], kept: int, *, row: tuple[int, ...] = (), first: int = 0
    ) -> None:
        self._kept = kept
        self._rows: npt.NDArray[Scalar] = np.empty((min(_LEAST_ROWS, 2 * kept), *row), dtype=dtype)
        self._count = 0
        self.first = first
        """Absolute index of the oldest row."""

    @property
    def end(self) -> int:
        """Absolute index after the newest row."""
        return self.first + self._count

    def append(self, rows: npt.NDArray[Any]) -> None:
        """Add rows, oldest first."""
        self._make_room(len(rows))
        self._rows[self._count : self._count + len(rows)] = rows
        self._count += len(rows)

    def view(self, first: int | None = None, end: int | None = None) -> npt.NDArray[Scalar]:
        """Return the rows from absolute index ``first`` to before ``end``; all by default.

        Raises:
            IndexError: if some of them are no longer, or not yet, there.
        """
        view = self.writable(
            self.first if first is None else first, self.end if end is None else end
        )
        view.flags.writeable = False
        return view

    def writable(self, first: int, end: int) -> npt.NDArray[Scalar]:
        """Return rows as in `view`, to be written."""
        if not self.first <= first <= end <= self.end:
            raise IndexError(f"{first} to {end} is not within {self.first} to {self.end}")
        return self._rows[first - self.first : end - self.first]

    def _make_room(self, rows: int) -> None:
        """Move the newest rows to a new array if there is no room for ``rows`` more."""
        if self._count + rows <= len(self._rows):
            return
        stays = min(self._count, self._kept)
        size = max(min(2 * len(self._rows), 2 * self._kept), stays + rows)
        larger = np.empty((size, *self._rows.shape[1:]), dtype=self._rows.dtype)
        larger[:stays] = self._rows[self._count - stays : self._count]
        self.first += self._count - stays
        self._rows, self._count = larger, stays
