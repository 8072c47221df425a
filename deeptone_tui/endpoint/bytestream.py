"""From websocket messages to samples, whatever way the client has cut its bytes."""

from typing import Final

import numpy as np
import numpy.typing as npt

from deeptone_tui.endpoint.riff import (
    EXTENSIBLE,
    PCM,
    WaveFormat,
    begins_header,
    may_become_header,
    read_header,
)

Samples = npt.NDArray[np.int16]
SAMPLE_BYTES = 2
SAMPLE_BITS = 16
NOTHING: Final = b""


class UnsupportedAudio(ValueError):  # noqa: N818  named for what came, not for the failure
    """A WAV header that says the audio is something else: one line, with what to send instead."""


class ByteStream:
    """Joins the messages of one connection to 16-bit little-endian mono samples.

    A message is a piece of a stream: pipes cut it anywhere, in the middle of a sample too. A
    RIFF header is taken off wherever a message begins with one, also when the following
    messages hold the rest of it. A header begins a new file, so half a sample left over from
    before it is dropped instead of turning everything after it into noise.
    """

    def __init__(self, sample_rate: int) -> None:
        self._sample_rate = sample_rate
        self._held = NOTHING
        self._half = NOTHING

    def feed(self, message: bytes) -> Samples:
        """Samples that this message completes, shape (n,).

        Raises:
            UnsupportedAudio: when a header says that this is not 16-bit mono PCM at the rate
                of the connection.
        """
        before = self._released(message)
        data, self._held = self._held + message, NOTHING
        if may_become_header(data):
            self._held = data
        elif begins_header(data):
            data = self._without_header(data)
        if self._held:
            return before
        after = self._complete(data)
        return np.concatenate((before, after)) if before.size else after

    def finish(self) -> Samples:
        """Samples held back at the end; half a sample and an unfinished header are dropped."""
        held, self._held = self._held, NOTHING
        return self._complete(NOTHING if begins_header(held) else held)

    def _released(self, message: bytes) -> Samples:
        """What was held back, if a message with its own header shows that it was audio."""
        if not self._held or not begins_header(message):
            return self._complete(NOTHING)
        return self.finish()

    def _without_header(self, data: bytes) -> bytes:
        """The audio behind a header, or nothing while the header is held back unfinished."""
        header = read_header(data)
        if header is None:
            self._held = data
            return NOTHING
        self._check(header.format)
        self._half = NOTHING
        return data[header.audio_start :]

    def _complete(self, data: bytes) -> Samples:
        """Whole samples of the data; half a one is kept for the next time."""
        if self._half:
            data = self._half + data
        whole = len(data) - len(data) % SAMPLE_BYTES
        self._half = data[whole:]
        return np.frombuffer(data, dtype="<i2", count=whole // SAMPLE_BYTES).astype(np.int16)

    def _check(self, wave: WaveFormat | None) -> None:
        """Believe what a header says of the format, except for fields left at zero."""
        if wave is None:
            return
        if wave.encoding not in (0, PCM, EXTENSIBLE) or wave.bits not in (0, SAMPLE_BITS):
            raise UnsupportedAudio(
                f"the WAV header says {wave.bits} bits in encoding {wave.encoding}: "
                "send 16-bit signed PCM"
            )
        if wave.channels not in (0, 1):
            raise UnsupportedAudio(f"the WAV header says {wave.channels} channels: send one (mono)")
        if wave.sample_rate not in (0, self._sample_rate):
            raise UnsupportedAudio(
                f"the WAV header says {wave.sample_rate} Hz and the connection "
                f"{self._sample_rate}: add sample_rate={wave.sample_rate} to the address"
            )
