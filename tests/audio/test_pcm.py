"""Raw PCM out of a stream of bytes, however it is cut."""

import asyncio
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.sources.heard import all_of
from support.sources.sounds import Samples, noise, sine
from support.time.clock import TurnedClock

from deeptone_tui.audio import Block, SourceError, SourceInfo, SourceKind, SourceOptions
from deeptone_tui.audio.byte_source import WaveHeaderFilter
from deeptone_tui.audio.pcm import PcmSource

FAST = SourceOptions(realtime=False)
INFO = SourceInfo(SourceKind.STDIN, "stdin")


class Given:
    """A stream of bytes that is there already."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = [piece for piece in pieces if piece]
        self.open_now = False

    async def open(self) -> None:
        """Connect."""
        self.open_now = True

    async def read(self) -> bytes:
        """The next piece."""
        return self.pieces.pop(0) if self.pieces else b""

    async def close(self) -> None:
        """Disconnect."""
        self.open_now = False


def heard(pieces: list[bytes], options: SourceOptions = FAST) -> Samples:
    """What comes of these pieces."""
    return asyncio.run(all_of(PcmSource(INFO, Given(pieces), options)))


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """Cut the data at these places."""
    ends = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[begin:end] for begin, end in pairwise(ends)]


def wav(samples: Samples, *, rate: int = 16_000, channels: int = 1, bits: int = 16) -> bytes:
    """A WAV file as a recorder streams it, with an extra chunk and no known length."""
    size = channels * bits // 8
    form = b"".join(
        value.to_bytes(width, "little")
        for value, width in ((1, 2), (channels, 2), (rate, 4), (rate * size, 4), (size, 2))
    ) + bits.to_bytes(2, "little")
    unknown = b"\xff\xff\xff\xff"
    extra = b"LIST" + (5).to_bytes(4, "little") + b"hello\0"
    head = b"RIFF" + unknown + b"WAVE" + b"fmt " + (16).to_bytes(4, "little") + form + extra
    return head + b"data" + unknown + samples.astype("<i2").tobytes()


@settings(max_examples=40)
@given(st.lists(st.integers(0, 4000), max_size=20))
def test_samples_split_between_pieces_are_joined(places: list[int]) -> None:
    """Odd lengths occur in every pipe."""
    played = noise(1000)
    assert np.array_equal(heard(cut(played.tobytes(), places)), played)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 200), max_size=20))
def test_a_wav_header_is_no_audio(places: list[int]) -> None:
    """Wherever it is cut, it is taken off, and its rate is believed."""
    played = noise(300)
    assert np.array_equal(heard(cut(wav(played), places)), played)


def test_half_a_sample_at_the_end_is_dropped() -> None:
    """There is nothing it could be."""
    assert np.array_equal(heard([b"\x01\x02\x03"]), [0x0201])


async def test_the_rate_of_a_wav_header_counts() -> None:
    """It is resampled from there, also where the first piece holds header and audio."""
    source = PcmSource(INFO, Given([wav(sine(1.0, rate=48_000), rate=48_000)]), FAST)
    samples = await all_of(source)
    assert len(samples) == 16_000
    assert source.info.rate == 48_000
    assert np.abs(samples[500:15_500].astype(int) - sine(1.0)[500:15_500]).max() <= 2


@pytest.mark.parametrize(("channels", "bits"), [(2, 16), (1, 24), (1, 32)])
def test_a_wav_that_is_not_16_bit_mono_is_refused(channels: int, bits: int) -> None:
    """In words, with how to send it."""
    with pytest.raises(SourceError, match=f"WAV file with {channels} channels of {bits} bits"):
        heard([wav(noise(10), channels=channels, bits=bits)])


@pytest.mark.parametrize("rate", [0, 1, 3_999, 384_001, 2**32 - 1])
def test_a_wav_header_with_an_impossible_rate_is_refused(rate: int) -> None:
    """A broken one would otherwise turn bytes into hours, or into nothing."""
    broken = wav(noise(10)).replace((16_000).to_bytes(4, "little"), rate.to_bytes(4, "little"), 1)
    with pytest.raises(SourceError, match=f"its rate is {rate} Hz"):
        heard([broken])


def test_a_wav_header_without_end_is_refused() -> None:
    """It cannot hold back the stream for ever."""
    with pytest.raises(SourceError, match="strange header"):
        WaveHeaderFilter().strip(b"RIFF\0\0\0\0WAVE" + b"junk\0\0\0\0" * 600)


def test_another_rate_is_resampled_and_flushed() -> None:
    """Telephone audio at 8 kHz comes out twice as long, whole."""
    raw = sine(0.5, rate=8_000).tobytes()
    samples = heard(cut(raw, [999, 1500, 4001]), SourceOptions(sample_rate=8_000, realtime=False))
    assert len(samples) == 8_000
    assert np.abs(samples[400:7600].astype(int) - sine(0.5)[400:7600]).max() <= 20


def test_a_stream_without_a_byte_is_an_error() -> None:
    """Whoever forgot the sender learns what to send."""
    with pytest.raises(SourceError, match="no audio came from stdin"):
        heard([])


async def test_what_is_there_at_once_plays_at_the_speed_of_the_clock(clock: TurnedClock) -> None:
    """A file piped in does not flash by: at most a second ahead, and a thousandth faster."""
    played = noise(16_000 * 5)
    source = PcmSource(
        INFO, Given([played.tobytes()]), SourceOptions(), clock=clock, sleep=clock.sleep
    )
    began, at, blocks = clock.now, [], list[Samples]()
    await source.open()
    async for block in source.blocks():
        blocks.append(block.samples)
        at.append(clock.now - began)
    assert np.array_equal(np.concatenate(blocks), played)
    assert {len(block) for block in blocks} == {320}
    assert at[49] == 0.0
    assert at[-1] == pytest.approx(5 / 1.001 - 1)
    assert source.info.live
    await source.close()


async def test_a_live_sender_is_never_held_up(clock: TurnedClock) -> None:
    """Its audio comes as it is made, so none of it is early."""
    source = PcmSource(INFO, Live(clock), SourceOptions(), clock=clock, sleep=clock.sleep)
    await source.open()
    count = len([block async for block in source.blocks()])
    assert count == 500
    assert clock.slept == []
    await source.close()


class Live(Given):
    """A sender that makes 20 ms at a time, its clock 300 ppm fast."""

    def __init__(self, clock: TurnedClock) -> None:
        super().__init__([noise(320).tobytes()] * 500)
        self.clock = clock

    async def read(self) -> bytes:
        """The next piece, when it has been captured."""
        self.clock.now += 0.02 / 1.0003
        return await super().read()


async def test_closing_ends_the_blocks_without_an_error() -> None:
    """Also before anything was heard."""
    source = PcmSource(INFO, Given([]), FAST)
    await source.open()
    await source.close()
    assert [block async for block in source.blocks()] == list[Block]()


def sized(samples: Samples, *, counted: int | None = None) -> bytes:
    """A WAV file that counts its bytes, rightly or not."""
    data = samples.astype("<i2").tobytes()
    size = len(data) if counted is None else counted
    return wav(samples).replace(b"data\xff\xff\xff\xff", b"data" + size.to_bytes(4, "little"))


@settings(max_examples=40)
@given(st.lists(st.integers(0, 3000), max_size=20))
def test_what_follows_the_sound_of_a_wav_is_no_sound(places: list[int]) -> None:
    """Chunks, and what is behind them; another file is sound again."""
    played, more = noise(300), noise(200, seed=5)
    chunks = b"LIST" + (501).to_bytes(4, "little") + bytes(502) + b"id3 \4\0\0\0abcd"
    assert np.array_equal(heard(cut(sized(played) + chunks, places)), played)
    assert np.array_equal(heard(cut(sized(played) + chunks + bytes(400), places)), played)
    both = np.concatenate([played, more])
    joined = sized(played) + chunks + sized(more) + chunks
    assert np.array_equal(heard(cut(joined, places)), both)


@settings(max_examples=20)
@given(st.lists(st.integers(0, 3000), max_size=20), st.sampled_from([0, 40, 2**31, 2**32 - 1]))
def test_a_size_that_a_sender_could_not_know_ends_nothing(places: list[int], size: int) -> None:
    """Sound goes on, where no chunk is."""
    played = noise(300)
    assert np.array_equal(heard(cut(sized(played, counted=size), places)), played)


def test_a_wav_of_another_rate_that_follows_is_refused() -> None:
    """It would be heard at the wrong speed."""
    second = wav(noise(10), rate=8_000)
    with pytest.raises(SourceError, match="of 8000 Hz follows one of 16000 Hz"):
        heard([sized(noise(300)) + second])
