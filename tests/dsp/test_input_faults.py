"""What about an input misleads: made inputs of each fault, and what is like one but is none."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.sources.scenes import (
    COLOURS,
    RATE,
    Sound,
    captured,
    demo,
    hum,
    noise,
    talk,
    with_automatic_gain,
    with_noise_gate,
)
from support.sources.sounds import sine

from deeptone_tui.dsp import (
    FULL_SCALE,
    NEAR_ZERO,
    Fault,
    FaultKind,
    InputMeter,
    Samples,
    input_faults,
    step_levels,
)

pytestmark = pytest.mark.long

LONG = 3600.0


def faults(samples: Samples, *, seconds: float = LONG) -> tuple[Fault, ...]:
    """What is wrong with samples of one channel."""
    meter = InputMeter(seconds)
    meter.feed(samples)
    return input_faults(meter.figures())


def kinds(samples: Samples) -> list[FaultKind]:
    """The same without the words."""
    return [fault.kind for fault in faults(samples)]


def room(colour: str = "pink", dbfs: float = -55.0, speech: float = -24.0, seed: int = 1) -> Sound:
    """Six sentences in a room."""
    said = talk(speech, seed=seed)
    return np.asarray(said + noise(colour, len(said), dbfs, seed))


SCENES = list(itertools.product(COLOURS, (-75, -65, -55, -45, -35), (-30, -22), (0.8, 1.6, 3.0)))


@pytest.mark.parametrize(("colour", "dbfs", "speech", "pause"), SCENES)
def test_speech_in_a_room_has_no_fault(
    colour: str, dbfs: float, speech: float, pause: float
) -> None:
    """Whatever the sound of the room, its level, that of speech, and the length of pauses."""
    said = talk(speech, pause=(pause, 2 * pause), seed=round(10 * pause - dbfs - speech))
    assert faults(captured(said + noise(colour, len(said), dbfs, 7))) == ()


@pytest.mark.parametrize("seconds", [0.0, 0.2, 1.0, 2.0, 5.0, 30.0])
@pytest.mark.parametrize("dbfs", [-80, -60, -40, -20])
@pytest.mark.parametrize("colour", COLOURS)
def test_noise_alone_has_no_fault(colour: str, dbfs: float, seconds: float) -> None:
    """Of any length, from nothing on; rumble is no offset and no hum."""
    samples = round(seconds * RATE)
    sound = noise(colour, samples, dbfs, 3) if samples else np.empty(0)
    assert faults(captured(sound)) == ()


@pytest.mark.parametrize("end", range(2, 62, 6))
def test_the_demo_has_no_fault(end: int) -> None:
    """From any beginning of it: seventeen clipped places and a quiet hum are nothing."""
    assert faults(demo()[: end * RATE]) == ()


def test_pauses_of_nothing_are_no_gate() -> None:
    """Speech that is made, or cut, fades out and then there is nothing."""
    assert faults(captured(talk(-24.0))) == ()


def test_a_muted_stretch_is_no_gate() -> None:
    """A microphone that is muted once, while nobody speaks."""
    sound = room(dbfs=-55.0)
    sound[: 3 * RATE] = 0.0
    assert faults(captured(sound)) == ()


def test_nothing_at_all_has_no_fault() -> None:
    """Digital zero, and what dither makes of it, are told of elsewhere."""
    assert faults(np.zeros(30 * RATE, np.int16)) == ()
    dither = np.random.default_rng(1).integers(-2, 3, 30 * RATE).astype(np.int16)
    assert faults(dither) == ()


@pytest.mark.parametrize(("offset", "written"), [(0.05, "0.05"), (-0.05, "0.05"), (0.005, "0.005")])
@pytest.mark.parametrize("colour", COLOURS)
def test_an_offset_is_named(colour: str, offset: float, written: str) -> None:
    """With its size, of either sign."""
    (fault,) = faults(captured(room(colour) + offset * FULL_SCALE))
    assert fault.kind is FaultKind.OFFSET
    assert f"A constant offset of {written} makes up" in fault.words
    assert "highpass" in fault.words


def test_an_offset_that_moves_nothing_is_not_named() -> None:
    """A tenth of the room's level makes less than a tenth of a decibel."""
    assert kinds(captured(room("white", -40.0) + 0.001 * FULL_SCALE)) == []
    assert kinds(captured(room("white", -60.0) + 0.001 * FULL_SCALE)) == [FaultKind.OFFSET]


def test_slow_rumble_is_no_offset() -> None:
    """Of a short stretch it has a mean, but none that is the same all the time."""
    time = np.arange(round(1.6 * RATE)) / RATE
    rumble = 0.02 * FULL_SCALE * np.sin(2 * np.pi * 0.7 * time + 0.8)
    assert kinds(captured(rumble + noise("white", len(time), -60.0, 1))) == []


@pytest.mark.parametrize("mains", [50.0, 60.0, 49.9, 60.1])
@pytest.mark.parametrize("colour", COLOURS)
def test_hum_that_is_the_room_is_named(colour: str, mains: float) -> None:
    """With the mains it is of, which are never exact."""
    sound = room(colour, -58.0)
    (fault,) = faults(captured(sound + hum(len(sound), -42.0, mains)))
    assert fault.kind is FaultKind.HUM
    assert f"Mains hum of {round(mains / 10) * 10} Hz makes up" in fault.words


def test_hum_without_speech_is_named_where_it_is_loud() -> None:
    """Under the threshold that things begin with, nobody would be misled by it."""
    sound = noise("pink", 10 * RATE, -70.0, 1)
    assert kinds(captured(sound + hum(len(sound), -40.0, 50.0))) == [FaultKind.HUM]
    assert kinds(captured(sound + hum(len(sound), -58.0, 50.0))) == []


@pytest.mark.parametrize("hertz", [55.0, 75.0, 130.0, 440.0])
def test_a_tone_of_another_frequency_is_no_hum(hertz: float) -> None:
    """Nor is a fan, or an instrument."""
    tone = sine(20.0, hertz=hertz, peak=0.01).astype(np.float64)
    assert kinds(captured(tone + noise("pink", len(tone), -65.0, 1))) == []


def test_hum_under_other_noise_is_not_named() -> None:
    """It makes up half a decibel of the room."""
    sound = room("white", -44.0)
    assert kinds(captured(sound + hum(len(sound), -54.0, 50.0))) == []


def test_clipping_is_named_with_its_places() -> None:
    """Not where a single word is too loud."""
    (fault,) = faults(captured(4.0 * room(speech=-16.0)))
    assert fault.kind is FaultKind.CLIPPING
    assert "The input clips in " in fault.words
    assert " places, in " in fault.words
    sound = room()
    sound[20_000:22_000] *= 1e6
    assert kinds(captured(sound)) == []
    door = noise("white", 3 * RATE, -50.0, 1)
    door[20_000:22_000] *= 1e6
    assert kinds(captured(door)) == []


@pytest.mark.parametrize("release", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("dbfs", [-65.0, -55.0, -45.0])
@pytest.mark.parametrize("colour", ["white", "pink"])
def test_automatic_gain_is_named(colour: str, dbfs: float, release: float) -> None:
    """Whether it is quick or slow to grow back."""
    sound = with_automatic_gain(room(colour, dbfs), release_s=release)
    (fault,) = faults(captured(sound))
    assert fault.kind is FaultKind.AUTOMATIC_GAIN
    assert "raises the room by " in fault.words


def test_gain_that_only_falls_or_jumps_is_not_automatic() -> None:
    """Echo falls after each sentence, and what begins within a pause is another sound."""
    said = talk(-24.0)
    echo = np.exp(-np.arange(RATE) / (0.15 * RATE)) * np.random.default_rng(1).standard_normal(RATE)
    size = 1 << (len(said) + RATE).bit_length()
    spectrum = np.fft.rfft(said, size) * np.fft.rfft(echo / 40, size)
    sound = said + np.fft.irfft(spectrum, size)[: len(said)] + noise("pink", len(said), -60.0, 1)
    assert kinds(captured(sound)) == []
    step = np.where(np.arange(len(said)) % (4 * RATE) < 2 * RATE, 1.0, 6.0)
    assert FaultKind.AUTOMATIC_GAIN not in kinds(
        captured(said + step * noise("pink", len(said), -60.0, 1))
    )


@pytest.mark.parametrize("range_db", [None, 40.0, 20.0])
@pytest.mark.parametrize(("colour", "dbfs"), [("white", -55.0), ("white", -45.0), ("pink", -50.0)])
def test_a_noise_gate_is_named(colour: str, dbfs: float, range_db: float | None) -> None:
    """Whether it leaves nothing of the room or some, with the room's own level."""
    gated = with_noise_gate(
        room(colour, dbfs), opens_dbfs=dbfs + 8.0, hold_s=0.5, range_db=range_db
    )
    (fault,) = faults(captured(gated))
    assert fault.kind is FaultKind.NOISE_GATE
    heard = float(fault.words.split("level, \N{MINUS SIGN}")[1].split(" dBFS")[0])
    assert heard == pytest.approx(-dbfs, abs=2.5)


def test_silence_after_rooms_of_all_levels_is_no_gate() -> None:
    """As where recordings are joined: each ends in its own room, and a gate has one."""
    parts = []
    for number, dbfs in enumerate((-65.0, -41.0, -57.0, -47.0, -70.0, -52.0)):
        said = talk(-20.0, sentences=1, pause=(0.5, 0.6), seed=number)
        parts += [said + noise("white", len(said), dbfs, number), np.zeros(RATE)]
    assert kinds(captured(np.concatenate(parts))) == []


def test_what_is_long_gone_is_forgotten() -> None:
    """Only the newest of what was fed is judged, and no more is kept."""
    faulty, well = captured(room() + 0.05 * FULL_SCALE), captured(room())
    meter = InputMeter(20.0)
    meter.feed(faulty)
    assert [fault.kind for fault in input_faults(meter.figures())] == [FaultKind.OFFSET]
    for _ in range(3):
        meter.feed(well)
    assert input_faults(meter.figures()) == ()
    assert len(meter.figures().levels) == pytest.approx(20 * RATE / 1024, abs=4)


CUTS = st.lists(st.integers(0, 12 * RATE), max_size=30)


@given(CUTS)
@settings(max_examples=25)
def test_figures_do_not_depend_on_how_the_stream_is_cut(cuts: list[int]) -> None:
    """To the last bit, whatever is dropped of the oldest."""
    stream = demo()[-18 * RATE : -6 * RATE]
    whole, parts = InputMeter(8.0), InputMeter(8.0)
    whole.feed(stream)
    for block in np.split(stream, sorted(cuts)):
        parts.feed(block)
    one, other = whole.figures(), parts.figures()
    assert np.array_equal(one.levels, other.levels)
    assert np.array_equal(one.means, other.means)
    assert np.array_equal(one.clips, other.clips)
    assert np.array_equal(one.hum, other.hum, equal_nan=True)
    assert input_faults(one) == input_faults(other)


def test_levels_are_those_of_the_definition() -> None:
    """And means, and clipped places that lie across two steps count once."""
    stream = demo()[: 60 * 4096]
    stream = np.concatenate([stream, np.full(4096, 32_767, np.int16)])
    meter = InputMeter(LONG)
    meter.feed(stream)
    figures = meter.figures()
    assert np.array_equal(figures.levels, step_levels(stream))
    assert figures.means[-1] == 32_767 / 32_768
    assert figures.clips[-4:].tolist() == [1.0, 0.0, 0.0, 0.0]


def test_a_block_that_is_used_again_by_its_owner_is_kept_as_it_was() -> None:
    """What is held back until a piece is whole is a copy."""
    block, meter = np.full(1000, 100, np.int16), InputMeter(LONG)
    meter.feed(block)
    block[:] = 0
    meter.feed(np.full(3096, 100, np.int16))
    assert meter.figures().means.tolist() == [100 / 32_768] * 4


def test_near_zero_ends_at_two_bits_of_dither() -> None:
    """Where every sample is plus or minus two."""
    assert step_levels(np.tile(np.array([2, -2], np.int16), 512))[0] == NEAR_ZERO


def test_two_faults_are_both_named() -> None:
    """In the order of their kinds."""
    sound = room() + 0.05 * FULL_SCALE
    assert kinds(captured(sound + hum(len(sound), -40.0, 50.0))) == [
        FaultKind.OFFSET,
        FaultKind.HUM,
    ]
