"""What a threshold does to periods, against the gate itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deeptone_tui.dsp import period_is_silent
from deeptone_tui.protocol import Answer, Step
from deeptone_tui.tuning import (
    GATED,
    GRID,
    MIXED,
    OTHER,
    SPEECH,
    UNKNOWN,
    Evidence,
    Part,
    Periods,
    SpeechPosterior,
    heard_in,
    known_speech,
    recut,
    silence_at,
)

LEVELS = hnp.arrays(np.float64, st.integers(0, 60), elements=st.floats(0.0, 1.0))
THRESHOLDS = st.floats(0.0, 1.0)
PERIODS = st.integers(1, 20)


@pytest.mark.parametrize(
    ("result", "threshold", "model", "heard"),
    [
        ("speech", 0.005, "speech-rt", SPEECH),
        ("speech", 0.0, "speech", SPEECH),
        ("music", 0.005, "speech-rt", OTHER),
        ("other", 0.0, "speech-rt", OTHER),
        ("silence", 0.005, "speech-rt", GATED),
        ("silence", 0.0, "speech-rt", OTHER),
        ("unknown", 0.0, "speech-rt", UNKNOWN),
        (None, 0.0, "speech-rt", UNKNOWN),
        ("female", 0.0, "gender", UNKNOWN),
    ],
)
def test_what_an_answer_says_of_its_steps(
    result: str | None, threshold: float, model: str, heard: int
) -> None:
    """What was not listened to is not known."""
    assert heard_in(Step(0.0, {model: Answer(result, 0.9)}), threshold) == heard


def cut_anywhere(data: st.DataObject, steps: int) -> list[int]:
    """Where periods of any lengths begin."""
    if not steps:
        return []
    return sorted({0, *data.draw(st.lists(st.integers(0, steps - 1), max_size=20))})


@given(LEVELS, THRESHOLDS, st.data())
def test_every_count_is_that_of_the_gate(
    levels: np.ndarray, threshold: float, data: st.DataObject
) -> None:
    """Period by period, whatever their lengths and what is known of their steps."""
    said = st.sampled_from([SPEECH, OTHER, UNKNOWN, GATED])
    truth = data.draw(hnp.arrays(np.int8, levels.shape, elements=said))
    starts = cut_anywhere(data, levels.size)
    ends = [*starts, levels.size][1:]
    counts = {kind: [0, 0] for kind in (SPEECH, OTHER, MIXED, UNKNOWN)}
    for start, end in zip(starts, ends, strict=True):
        own = truth[start:end].tolist()
        spoken = own.count(SPEECH)
        kind = SPEECH if 2 * spoken >= len(own) else MIXED
        if not spoken:
            kind = OTHER if OTHER in own else UNKNOWN
        counts[kind][0] += period_is_silent(levels[start:end], threshold)
        counts[kind][1] += 1
    periods = Periods.of(levels, known_speech(truth), np.array(starts, np.int64))
    cost = periods.cost(threshold)
    assert cost.speech_lost == Part(*counts[SPEECH])
    assert cost.noise_passed == Part(counts[OTHER][1] - counts[OTHER][0], counts[OTHER][1])
    assert cost.mixed_silenced == Part(*counts[MIXED])
    assert cost.silence == Part(sum(n for n, _ in counts.values()), len(starts))
    evidence = Evidence(levels, None, np.array(starts, np.int64))
    assert silence_at(evidence, threshold) == cost.silence


@given(LEVELS, st.lists(THRESHOLDS, max_size=9), st.integers(1, 20))
def test_a_curve_is_made_of_costs(levels: np.ndarray, thresholds: list[float], steps: int) -> None:
    """In whatever order it is asked for; the grid goes from -90 dBFS to full scale."""
    truth = np.where(levels > 0.5, SPEECH, OTHER).astype(np.int8)
    starts = recut(np.zeros(1, np.int64), levels.size, steps)
    periods = Periods.of(levels, known_speech(truth), starts)
    curve = periods.curve(np.array(thresholds))
    costs = [periods.cost(threshold) for threshold in thresholds]
    assert curve.silence.tolist() == [cost.silence.share or 0.0 for cost in costs]
    if curve.speech_lost is not None:
        assert curve.speech_lost.tolist() == [cost.speech_lost.share for cost in costs]
    if curve.noise_passed is not None:
        shares = [cost.noise_passed.share for cost in costs]
        assert curve.noise_passed.tolist() == pytest.approx(shares)
    whole = periods.curve()
    assert whole.thresholds is GRID
    assert (np.diff(whole.silence) >= 0).all()


def test_a_cost_is_four_times_the_one_share_and_the_other() -> None:
    """And a share of nothing costs nothing."""
    levels = np.array([0.1, 0.2, 0.3, 0.4])
    truth = np.array([OTHER, OTHER, SPEECH, SPEECH], np.int8)
    periods = Periods.of(levels, known_speech(truth), np.arange(4))
    assert periods.cost(0.2).total == 0.5
    assert periods.cost(0.4).total == 4 * 0.5
    alone = Periods.of(levels, known_speech(truth * 0 + SPEECH), np.arange(4))
    assert alone.cost(0.0).total == 0.0
    assert alone.cost(0.0).noise_passed.share is None


def test_doubtful_steps_make_no_pause() -> None:
    """A period without speech that holds one is mixed; one with speech stays what it is."""
    speech = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 1.0])
    doubtful = np.array([False, False, False, True, False, True])
    periods = Periods.of(np.ones(6), speech, np.array([0, 2, 4]), doubtful)
    assert periods.kinds.tolist() == [OTHER, MIXED, SPEECH]


@given(st.integers(0, 60), st.sets(st.integers(1, 59), max_size=6), st.integers(1, 20))
def test_stretches_are_cut_from_their_borders(steps: int, borders: set[int], size: int) -> None:
    """No period goes over a border, and none is longer than wanted."""
    starts = recut(np.array(sorted({0, *borders})), steps, size)
    assert starts.tolist() == sorted(set(starts.tolist()))
    assert {border for border in {0, *borders} if border < steps} <= set(starts.tolist())
    lengths = np.diff(np.append(starts, steps))
    assert lengths.sum() == steps
    assert all(0 < length <= size for length in lengths)


@given(st.integers(0, 60), st.integers(1, 20), st.integers(1, 20))
def test_periods_cut_again_stay_within_the_longer_ones(steps: int, long: int, short: int) -> None:
    """Each longer one is cut from its own beginning, as a connection of its own."""
    whole = Evidence.cut(np.ones(steps), None, long).starts
    parts = recut(whole, steps, short)
    ends = [*whole.tolist(), steps][1:]
    expected = [
        n for start, end in zip(whole.tolist(), ends, strict=True) for n in range(start, end, short)
    ]
    assert parts.tolist() == expected


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=6), PERIODS)
def test_several_stretches_are_one(stretches: list[tuple[int, bool]], period_steps: int) -> None:
    """Each with its own periods, and all as one that begins anew at its borders."""
    random = np.random.default_rng(len(stretches))
    parts = [
        Evidence.cut(random.random(size), np.zeros(size, np.int8) if asked else None, period_steps)
        for size, asked in stretches
    ]
    whole = Evidence.joined(parts)
    sizes = [size for size, _ in stretches]
    assert whole.levels.tolist() == [level for part in parts for level in part.levels.tolist()]
    borders = np.unique(np.cumsum([0, *sizes[:-1]]))
    assert whole.starts.tolist() == recut(borders, sum(sizes), period_steps).tolist()
    assert (whole.heard is None) == any(not asked for _, asked in stretches)
    counts = [silence_at(part, 0.5) for part in parts]
    counted = Part(sum(n.count for n in counts), sum(n.whole for n in counts))
    assert silence_at(whole, 0.5) == counted


def test_the_answers_of_several_stretches_follow_one_another() -> None:
    """In the order of their levels."""
    parts = [Evidence.cut(np.ones(2), np.full(2, kind, np.int8), 2) for kind in (OTHER, SPEECH)]
    heard = Evidence.joined(parts).heard
    assert heard is not None
    assert heard.tolist() == [OTHER, OTHER, SPEECH, SPEECH]


def test_a_quiet_end_of_a_word_makes_no_pause() -> None:
    """What fades out over the room is mixed; the pause after it is one, and the word is speech."""
    random = np.random.default_rng(4)
    fading = np.linspace(-38.0, -53.0, 8)
    turn = np.concatenate([np.full(32, -60.0), np.full(16, -25.0), fading, np.full(8, -60.0)])
    words = np.repeat([OTHER, SPEECH, OTHER, OTHER], [32, 16, 8, 8])
    dbfs = np.tile(turn, 8) + 0.3 * random.normal(size=64 * 8)
    judged = SpeechPosterior.of(10 ** (dbfs / 20), np.tile(words, 8).astype(np.int8))
    kinds = judged.periods(np.arange(0, dbfs.size, 8)).kinds.reshape(8, 8)
    assert (kinds[:, [1, 2]] == OTHER).all()
    assert (kinds[:, [4, 5]] == SPEECH).all()
    assert (kinds[:, 6] == MIXED).all()
    assert not judged.doubtful.reshape(8, 64)[:, :24].any()


def test_what_does_not_fit_is_refused() -> None:
    """One answer for each level, periods from the first step on, and steps in each."""
    with pytest.raises(ValueError, match="2 answers do not fit 3 steps"):
        Evidence.cut(np.zeros(3), np.zeros(2, np.int8), 1)
    with pytest.raises(ValueError, match="0 steps is not allowed"):
        Evidence.cut(np.zeros(3), None, 0)
    for starts in ([1], [0, 3], []):
        with pytest.raises(ValueError, match=f"{len(starts)} periods do not fit 3 steps"):
            Evidence(np.zeros(3), None, np.array(starts, np.int64))
    with pytest.raises(ValueError, match="1 periods do not fit 0 steps"):
        Evidence(np.zeros(0), None, np.zeros(1, np.int64))
    with pytest.raises(ValueError, match="in one dimension are needed, not 2"):
        Evidence(np.zeros((3, 2)), None, np.zeros(1, np.int64))
    with pytest.raises(ValueError, match="1 kinds do not fit 2 periods"):
        Periods(np.zeros(2), np.zeros(1, np.int8))


def test_what_was_gated_is_a_pause_unless_its_level_says_otherwise() -> None:
    """And how much of the speech nobody judged is told."""
    quiet, loud = np.full(60, 0.001), np.full(60, 0.1)
    levels = np.concatenate([quiet, loud, quiet, loud, quiet]) * np.tile([0.9, 1.1], 150)
    heard = np.repeat([GATED, SPEECH, GATED, GATED, GATED], 60).astype(np.int8)
    judged = SpeechPosterior.of(levels, heard)
    assert (judged.speech[:50] < 0.5).all()
    assert (judged.speech[190:230] > 0.5).all()
    assert 0.4 < judged.unjudged < 0.6
