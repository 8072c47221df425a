"""The suggestion: what it finds, what it refuses, and what it puts up with."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deeptone_tui.protocol.units import from_dbfs, to_dbfs
from deeptone_tui.tuning import (
    GATED,
    OTHER,
    SPEECH,
    UNKNOWN,
    Cost,
    Evidence,
    Heard,
    Part,
    Periods,
    SpeechPosterior,
    Starts,
    Suggestion,
    Verdict,
    known_speech,
    recut,
    suggest_from,
)
from deeptone_tui.tuning import suggest as suggest_for
from deeptone_tui.tuning.features import LevelStatistics

Levels = np.ndarray
ANY_LEVELS = hnp.arrays(
    np.float64, st.integers(0, 200), elements=st.one_of(st.just(0.0), st.floats(0.0, 1.0))
)


def scene(
    floor: float = -60.0, voice: float = -28.0, spread: float = 1.0, seed: int = 1, turns: int = 6
) -> tuple[Levels, Heard]:
    """Turns of 25 steps of pause and 30 of speech, in dBFS, and the truth about them."""
    random = np.random.default_rng(seed)
    heard = np.tile(np.repeat([OTHER, SPEECH], [25, 30]), turns).astype(np.int8)
    quiet = floor + spread * random.normal(size=heard.size)
    loud = voice + 5.0 * random.normal(size=heard.size)
    power = 10 ** (quiet / 10) + np.where(heard == SPEECH, 10 ** (loud / 10), 0.0)
    return np.minimum(np.sqrt(power), 1.0), heard


def suggest(levels: Levels, heard: Heard | None = None, period_steps: int = 1) -> Suggestion:
    """The suggestion for periods of so many steps."""
    return suggest_for(Evidence.cut(levels, heard, period_steps))


def true_cost(threshold: float, levels: Levels, truth: Heard, starts: Starts) -> Cost:
    """What a threshold does where it is known what each step is."""
    return Periods.of(levels, known_speech(truth), starts).cost(threshold)


def starts_of(levels: Levels, period_steps: int) -> Starts:
    """Where periods begin that are cut from the first step on."""
    return recut(np.zeros(1, np.int64), levels.size, period_steps)


def gated(levels: Levels, heard: Heard, starts: Starts, gate: float) -> Heard:
    """What is left of the answers where a threshold in dBFS was applied."""
    silent = np.maximum.reduceat(levels, starts) < from_dbfs(gate)
    lengths = np.diff(np.append(starts, levels.size))
    return np.where(np.repeat(silent, lengths), GATED, heard).astype(np.int8)


def dbfs(found: Suggestion) -> float:
    """The threshold that was found, in dBFS."""
    assert found.verdict is Verdict.OK, found.reason
    assert found.threshold is not None
    return to_dbfs(found.threshold)


@pytest.mark.parametrize("told", [True, False])
def test_the_threshold_lies_between_the_room_and_the_voice(told: bool) -> None:
    """And the rest of the answer says where these are."""
    levels, heard = scene()
    found = suggest(levels, heard if told else None)
    assert -57.0 < dbfs(found) < -38.0
    assert found.noise_floor == pytest.approx(from_dbfs(-60.0), rel=0.1)
    assert found.speech_level is not None
    assert -29.0 < to_dbfs(found.speech_level) < -23.0
    assert found.cost is not None
    assert found.cost.threshold == found.threshold
    assert found.cost.total == pytest.approx(0.0, abs=0.06)
    assert found.margin is not None
    assert min(found.margin.down, found.margin.up) > 0.0
    assert found.confidence > 0.8
    assert "dBFS" in found.reason


def test_the_statistics_are_those_of_room_and_voice() -> None:
    """Median and spread of the one, power of the other, and how far they are apart, in dB."""
    levels, heard = scene(spread=2.0, turns=12)
    signs = LevelStatistics.of(SpeechPosterior.of(levels, heard), 0.0, 0.0)
    assert signs.floor == pytest.approx(-60.0, abs=1.0)
    assert signs.spread == pytest.approx(2.0, abs=0.5)
    assert signs.voice == pytest.approx(-28.0 + 25.0 * np.log(10) / 20, abs=2.0)  # of a lognormal
    assert signs.apart == pytest.approx(32.0, abs=2.0)
    assert signs.share == pytest.approx(30 / 55, abs=0.05)


@given(ANY_LEVELS, st.data())
def test_any_audio_has_an_answer(levels: Levels, data: st.DataObject) -> None:
    """Nothing that can be measured is an error, and every figure is in its range.

    Wherever the periods begin: a connection may have been lost at any step.
    """
    said = st.sampled_from([SPEECH, OTHER, UNKNOWN, GATED])
    heard = data.draw(st.none() | hnp.arrays(np.int8, levels.shape, elements=said))
    borders = data.draw(st.sets(st.integers(1, 199), max_size=20))
    inside = sorted(n for n in {0, *borders} if n < levels.size)
    evidence = Evidence(levels, heard, np.array(inside, np.int64))
    before = data.draw(st.none() | st.floats(0.0, 1.0))
    found = suggest_from(SpeechPosterior.of(levels, heard), evidence.starts, before)
    if before is None:
        assert found == suggest_for(evidence)
    assert (found.verdict is Verdict.OK) == (found.threshold is not None)
    assert (found.cost is None) == (found.margin is None) == (found.threshold is None)
    shares = (found.threshold, found.confidence, found.unjudged)
    assert all(value is None or 0.0 <= value <= 1.0 for value in shares)
    assert found.reason.endswith((".", "?"))
    assert "nan" not in found.reason
    assert "inf" not in found.reason


def test_a_threshold_of_0_is_not_suggested_again() -> None:
    """It silences nothing and has no decibels, so nothing lies a number of decibels from it."""
    levels = np.ones(50)
    levels[[0, 3]] = 0.0
    start = np.zeros(1, np.int64)
    found = suggest_from(SpeechPosterior.of(levels, None), start, 0.0)
    assert found == suggest_from(SpeechPosterior.of(levels, None), start)


@settings(max_examples=30)
@given(st.floats(-20.0, 20.0), st.integers(0, 20))  # under that, the room is next to digital zero
def test_a_louder_microphone_moves_the_threshold_with_it(gain: float, seed: int) -> None:
    """Only levels against one another count."""
    levels, heard = scene(seed=seed, voice=-35.0)
    levels = np.minimum(levels, 0.05)
    before, after = (dbfs(suggest(some, heard)) for some in (levels, levels * from_dbfs(gain)))
    assert after - before == pytest.approx(gain, abs=0.3)  # thresholds are 0.1 dB apart


def test_answers_of_long_periods_are_enough() -> None:
    """Sixteen steps heard as one: the levels tell where the pauses between are."""
    levels, heard = scene(turns=12)
    blocks = heard[: heard.size // 16 * 16].reshape(-1, 16)
    slow = np.repeat(blocks.mean(axis=1) >= 0.5, 16).astype(np.int8)
    threshold = dbfs(suggest(levels[: slow.size], slow))
    assert -57.0 < threshold < -38.0


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("level", [-80.0, -55.0, -20.0])
def test_noise_alone_gets_no_threshold(level: float, told: bool) -> None:
    """Nor does hum, which is steadier still."""
    random = np.random.default_rng(3)
    for spread in (1.5, 0.01):
        levels = 10 ** ((level + spread * random.normal(size=200)) / 20)
        found = suggest(levels, np.zeros(200, np.int8) if told else None)
        assert found.verdict is Verdict.NO_SPEECH
        assert found.noise_floor == pytest.approx(from_dbfs(level), rel=0.2)
        assert "No speech" in found.reason


def test_a_loud_click_is_no_speech() -> None:
    """And beside speech it changes nothing."""
    quiet = scene()[0].min() * np.ones(200)
    quiet[90:92] = 0.9
    assert suggest(quiet).verdict is Verdict.NO_SPEECH
    levels, heard = scene()
    before = dbfs(suggest(levels, heard))
    levels[10] = 0.9
    assert dbfs(suggest(levels, heard)) == pytest.approx(before, abs=1.0)


def test_a_muted_input_is_said_to_be_one() -> None:
    """Digital zero, for longer than the least that is needed."""
    found = suggest(np.zeros(500), np.zeros(500, np.int8))
    assert found.verdict is Verdict.NO_SPEECH
    assert "muted" in found.reason


@pytest.mark.parametrize("told", [True, False])
def test_a_muted_stretch_says_nothing_about_the_room(told: bool) -> None:
    """Half of it digital zero gives the threshold of the other half."""
    levels, heard = scene()
    zeros = np.zeros(levels.size)
    both = np.concatenate([zeros, levels]), np.concatenate([zeros.astype(np.int8), heard])
    expected = dbfs(suggest(levels, heard if told else None))
    assert dbfs(suggest(both[0], both[1] if told else None)) == pytest.approx(expected, abs=1.0)


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("steps", [1, 32, 77])
def test_what_was_before_the_first_sound_says_nothing_about_the_room(
    steps: int, told: bool
) -> None:
    """Nor what comes after the last: the input was off, however shortly."""
    levels, heard = scene()
    expected = suggest(levels, heard if told else None)
    levels = np.pad(levels, steps)
    found = suggest(levels, np.pad(heard, steps, constant_values=UNKNOWN) if told else None)
    assert dbfs(found) == pytest.approx(dbfs(expected), abs=0.3)
    assert found.noise_floor == pytest.approx(expected.noise_floor)


def test_pauses_of_digital_zero_are_pauses() -> None:
    """As a line has them that sends nothing when nobody speaks."""
    levels, heard = scene()
    levels[heard == OTHER] = 0.0
    found = suggest(levels, heard)
    assert dbfs(found) < -40.0
    assert found.noise_floor is None
    assert "digital zero" in found.reason


def test_clipped_speech_is_speech() -> None:
    """Its level cannot rise any more, but the room's is where it was."""
    levels, heard = scene(voice=6.0)
    assert levels.max() == 1.0
    assert -57.0 < dbfs(suggest(levels, heard)) < -15.0


@pytest.mark.parametrize("told", [True, False])
def test_a_level_that_changes_half_way_is_met(told: bool) -> None:
    """The threshold is above both rooms, as long as that leaves the speech."""
    quiet, heard = scene(floor=-62.0)
    noisy, _ = scene(floor=-50.0, seed=2)
    levels = np.concatenate([quiet, noisy])
    found = suggest(levels, np.concatenate([heard, heard]) if told else None)
    assert -49.0 < dbfs(found) < -36.0


def test_speech_alone_is_said_to_be_alone() -> None:
    """Without a pause there is nothing that a threshold could be above."""
    levels, _ = scene(spread=0.1)
    levels = levels[levels > from_dbfs(-45.0)]
    found = suggest(levels, np.ones(levels.size, np.int8))
    assert found.verdict is Verdict.ONLY_SPEECH
    assert found.speech_level is not None


@pytest.mark.parametrize("steps", [0, 1, 47])
def test_too_little_is_said_to_be(steps: int) -> None:
    """Less than three seconds."""
    found = suggest(scene()[0][:steps])
    assert found.verdict is Verdict.TOO_LITTLE
    assert found.reason.startswith(f"{steps * 0.064:.1f} s")


@pytest.mark.parametrize("period_steps", [1, 16])
def test_overlap_makes_unsure(period_steps: int) -> None:
    """Speech little above the room gets a threshold, which is less sure than any other."""
    sure = [suggest(*scene(seed=n), period_steps) for n in range(6)]
    unsure = [suggest(*scene(floor=-30.0, spread=3.0, seed=n), period_steps) for n in range(6)]
    assert max(item.confidence for item in unsure) < 0.97 < min(item.confidence for item in sure)
    apart = period_steps > 1  # of sixteen steps the loudest may stand out where one does not
    assert apart or all("overlap" in item.reason for item in unsure)
    assert not any("overlap" in item.reason for item in sure)


@pytest.mark.parametrize("period_steps", [1, 4, 16])
def test_confidence_is_how_often_no_threshold_would_do_much_better(period_steps: int) -> None:
    """By the truth, where speech is little above the room."""
    right, confidence = [], []
    for seed in range(30):
        levels, truth = scene(floor=-30.0, spread=3.0, seed=seed)
        found = suggest(levels, truth, period_steps)
        starts = starts_of(levels, period_steps)
        least = min(
            true_cost(from_dbfs(level), levels, truth, starts).total
            for level in np.arange(-40.0, -10.0, 0.2)
        )
        assert found.threshold is not None
        right.append(true_cost(found.threshold, levels, truth, starts).total <= least + 0.2)
        confidence.append(found.confidence)
    assert np.mean(right) > np.mean(confidence) - 0.1


@pytest.mark.parametrize("gate", [-70.0, -57.0, -46.0, -40.0])
@pytest.mark.parametrize("period_steps", [1, 16])
def test_what_a_threshold_hid_does_not_move_the_suggestion(gate: float, period_steps: int) -> None:
    """The endpoint says silence of quiet periods: nobody has judged them."""
    levels, heard = scene(turns=12)
    hidden = gated(levels, heard, starts_of(levels, period_steps), gate)
    at_zero, after = (suggest(levels, each, period_steps) for each in (heard, hidden))
    assert dbfs(after) == pytest.approx(dbfs(at_zero), abs=0.5)


@pytest.mark.parametrize(
    "period_steps",
    [pytest.param(1, marks=pytest.mark.thorough), 4, pytest.param(16, marks=pytest.mark.thorough)],
)
def test_applied_and_asked_for_again_it_stays_or_says_what_nobody_judged(
    period_steps: int,
) -> None:
    """Whatever was applied meanwhile, in thirty rooms; and found anew it costs no more."""
    random = np.random.default_rng(30)
    for seed in range(30):
        floor, apart = random.uniform(-70.0, -45.0), random.uniform(18.0, 40.0)
        spread = random.uniform(0.5, 2.5)
        levels, truth = scene(floor, floor + apart, spread, seed, turns=12)
        starts = starts_of(levels, period_steps)
        first = suggest(levels, truth, period_steps)
        assert first.threshold is not None
        cost = true_cost(first.threshold, levels, truth, starts).total
        for gate in np.linspace(floor - 6.0, floor + apart + 8.0, 8):
            judged = SpeechPosterior.of(levels, gated(levels, truth, starts, float(gate)))
            again = suggest_from(judged, starts, first.threshold)
            anew = suggest_from(judged, starts)
            if again.threshold is None or again.unjudged > 0.02:
                assert gate > dbfs(first)
                continue
            assert dbfs(again) == pytest.approx(dbfs(first), abs=0.5)
            assert anew.threshold is not None
            assert true_cost(anew.threshold, levels, truth, starts).total <= cost + 0.05


@pytest.mark.parametrize("gate", [-30.0, -26.0])
def test_what_a_threshold_hid_of_the_speech_is_told(gate: float) -> None:
    """There the suggestion goes by levels, and says how much it is."""
    levels, heard = scene(turns=12)
    hidden = np.where(levels < from_dbfs(gate), GATED, heard).astype(np.int8)
    found = suggest(levels, hidden)
    assert found.verdict is not Verdict.OK or found.unjudged > 0.02


@pytest.mark.parametrize("seed", range(8))
def test_a_pause_with_one_loud_step_in_a_second_is_kept_silent(seed: int) -> None:
    """A threshold for steps lies within such noise; one for periods of 1024 ms lies above it."""
    levels, truth = scene(floor=-52.0, voice=-36.0, spread=0.5, seed=seed)
    order = np.arange(levels.size // 55 * 55).reshape(-1, 55)
    kept = np.concatenate([order[:, :16], order[:, 25:41]], axis=1).reshape(-1)
    levels, truth = np.tile(levels[kept], 2), np.tile(truth[kept], 2)
    peaks = np.random.default_rng(seed).integers(0, 16, levels.size // 32)
    pauses = np.arange(0, levels.size, 32) + peaks
    levels[pauses] = from_dbfs(-44.5)
    by_step, by_second = suggest(levels, truth, 1), suggest(levels, truth, 16)
    assert dbfs(by_step) < -44.5 < dbfs(by_second)
    starts = starts_of(levels, 16)
    assert by_step.threshold is not None
    assert by_second.threshold is not None
    low = true_cost(by_step.threshold, levels, truth, starts)
    high = true_cost(by_second.threshold, levels, truth, starts)
    assert low.noise_passed == Part(pauses.size, pauses.size)
    assert high.noise_passed == Part(0, pauses.size)
    assert high.speech_lost.count == 0


@pytest.mark.parametrize("period_steps", [1, 16])
@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("steps", [20, 47])
def test_near_zero_is_digital_zero(steps: int, told: bool, period_steps: int) -> None:
    """Dither of a muted input is no room: the suggestion is that of exact zeros, to the last digit.

    In a pause, where it would be the floor, and across a pause and words.
    """
    levels, truth = scene(turns=8)
    found = []
    for muted in (0.0, 1 / 32768, 2 / 32768):
        levels[57 : 57 + steps] = muted
        found.append(suggest(levels, truth if told else None, period_steps))
    assert found[0].verdict is Verdict.OK
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("period_steps", [32, 64, 128])
def test_a_period_longer_than_any_pause_is_sought_in_shorter_ones(period_steps: int) -> None:
    """The threshold is that of the longest ones that there are, and that is said."""
    levels, heard = scene(turns=8)
    shorter = suggest(levels, heard, 16)
    found = suggest(levels, heard, period_steps)
    assert found.threshold == shorter.threshold
    assert found.reason == (
        f"{shorter.reason} No pause and no speech as long as {64 * period_steps} ms was heard, so"
        " this is for 1024 ms."
    )
    assert found.cost is not None
    assert found.cost.silence.whole == starts_of(levels, period_steps).size


@pytest.mark.parametrize("seed", range(6))
def test_sounds_in_a_rhythm_are_no_speech(seed: int) -> None:
    """Tones with vibrato, by levels alone; and speech stays speech."""
    random = np.random.default_rng(seed)
    room = -65.0 + 0.7 * random.normal(size=200)
    tones = room.copy()
    for start in range(10, 180, 40):
        tones[start : start + 24] = -30.0 + 3.5 * np.sin(2.1 * np.arange(24) + random.uniform(0, 6))
    assert suggest(10 ** (tones / 20)).verdict is Verdict.NO_SPEECH
    assert suggest(scene(seed=seed)[0]).verdict is Verdict.OK


def test_answers_that_hold_no_speech_make_no_surer_than_none() -> None:
    """Where all the speech is under the threshold, only the levels tell of it."""
    levels, heard = scene()
    hidden = np.where(heard == SPEECH, GATED, heard).astype(np.int8)
    assert suggest(levels, hidden).confidence < suggest(levels, heard).confidence


def test_a_number_is_suggested_again_while_it_is_as_good() -> None:
    """Another minute of the same room moves nothing; another room does."""
    first = suggest(*scene(seed=1), 16)
    assert first.threshold is not None
    for seed in range(2, 6):
        again = Evidence.cut(*scene(seed=seed), 16)
        found = suggest_from(
            SpeechPosterior.of(again.levels, again.heard), again.starts, first.threshold
        )
        assert found.threshold == first.threshold
        assert found.cost is not None
        assert found.cost.threshold == first.threshold
    louder = Evidence.cut(*scene(floor=-30.0, voice=-8.0), 16)
    moved = suggest_from(
        SpeechPosterior.of(louder.levels, louder.heard), louder.starts, first.threshold
    )
    assert dbfs(moved) > -30.0
