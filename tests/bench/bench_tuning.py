"""How good the suggested threshold is: ``make bench-tune``.

500 clips of 12 s with speech and 200 without, and 54 of a minute with pauses of 9 s and more, that
share no voice and no recording with those the method was tuned on (``--half tuning`` shows those).
`bench.tuning.clips` says what they are and what is true of them, `bench.tuning.peers` who else is
asked. All is counted in periods, as the endpoint gives its results: a threshold costs 4 times the
share of the periods of speech (at least half of it is) that it makes silence, and once the share of
the pauses (nothing of it is) that it does not. A period of 64 ms is a step.

The classes are those of the local endpoint at threshold 0: in periods of 256 ms, in which ``tune``
has it listen, and in those that are counted, as the monitor hears them. Where no threshold is
suggested the program leaves the one in force, which here is the default: that is what it then
costs. Clips without speech have no cost, only a count of thresholds that should not have been
suggested.
"""

import argparse
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.report import say
from bench.tuning.classes import heard
from bench.tuning.clips import SNRS, Clip, clips, long_clips
from bench.tuning.material import HALVES, NOISES
from bench.tuning.peers import PEERS
from bench.tuning.scoring import TruePeriods, area_under_curve
from bench.tuning.sounds import sounds
from deeptone_tui.dsp import Levels, step_levels
from deeptone_tui.protocol import DEFAULT_VOLUME_THRESHOLD, STEP_MS
from deeptone_tui.tuning import Evidence, Heard, Suggestion, suggest

TUNE, MONITOR, BLIND = "tune", "monitor", "levels alone"
OURS = (TUNE, MONITOR, BLIND)
IDEAL = "best there is"
PERIODS = (64, 256, 1024)
LONG_PERIOD = 4096
HEARD_BY_TUNE = 256
EXCESS = 0.2
MOST_OF_BEST, MOST_OVER_BEST = 1.15, 0.02
MOST_OF_PEER, MOST_OF_PEER_ANYWHERE, MOST_BY_STEP = 0.8, 1.15, 0.289
MOST_INVENTED, MOST_INVENTED_BLIND = 0.05, 0.15
LEAST_AREA, LEAST_AREA_BLIND, MOST_MILLISECONDS = 0.9, 0.8, 100.0
QUARTER_STEPS = 14_000


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """A clip counted in periods of a length, and what came of it, by method."""

    clip: Clip
    period_ms: int
    periods: TruePeriods
    suggestions: Mapping[str, Suggestion]
    costs: Mapping[str, float]

    @property
    def spoken(self) -> bool:
        """Whether there is speech in it."""
        return bool(self.clip.truth.any())


def outcome(clip: Clip, period_ms: int, by_tune: Heard, by_monitor: Heard) -> Outcome:
    """Ask every method about a clip."""
    levels, steps = step_levels(clip.samples), period_ms // STEP_MS
    answers: tuple[Heard | None, ...] = (by_tune, by_monitor, None)
    suggestions = {
        name: suggest(Evidence.cut(levels, answer, steps))
        for name, answer in zip(OURS, answers, strict=True)
    }
    periods = TruePeriods.of(levels, clip.truth, steps)
    thresholds = {IDEAL: periods.best} | {
        name: DEFAULT_VOLUME_THRESHOLD if found.threshold is None else found.threshold
        for name, found in suggestions.items()
    }
    thresholds |= {name: peer(clip) for name, peer in PEERS.items()}
    costs = {name: periods.cost(value) for name, value in thresholds.items()}
    return Outcome(clip, period_ms, periods, suggestions, costs)


def outcomes_of(half: str, name: str, made: Sequence[Clip], period_ms: int) -> list[Outcome]:
    """Ask about all clips of a set."""
    by_tune, by_monitor = (heard(f"{half}{name}", made, ms) for ms in (HEARD_BY_TUNE, period_ms))
    return [
        outcome(clip, period_ms, *answers)
        for clip, *answers in zip(made, by_tune, by_monitor, strict=True)
    ]


def rows(head: Sequence[str], lines: Sequence[Sequence[object]]) -> None:
    """Print a table."""
    say("| " + " | ".join(head) + " |")
    say("|" + "---|" * len(head))
    for line in lines:
        say("| " + " | ".join(str(cell) for cell in line) + " |")
    say()


def mean(outcomes: Sequence[Outcome], method: str) -> float:
    """Mean cost of a method."""
    return float(np.mean([each.costs[method] for each in outcomes]))


def by_period(spoken: Sequence[Sequence[Outcome]]) -> None:
    """Print the mean costs by period, and how many periods stand behind them."""
    fixed = "fixed 0.005"
    head = ("period", "clips", "of speech", "pauses", IDEAL, *OURS, fixed)
    lines: list[list[object]] = []
    for some in spoken:
        speech = sum(int(each.periods.speech.sum()) for each in some)
        pauses = sum(int(each.periods.pause.sum()) for each in some)
        costs = [f"{mean(some, method):.3f}" for method in (IDEAL, *OURS, fixed)]
        lines.append([f"{some[0].period_ms} ms", len(some), speech, pauses, *costs])
    rows(head, lines)


def by_condition(outcomes: Sequence[Outcome]) -> dict[str, Mapping[str, float]]:
    """Print the mean costs by condition, and return them."""
    methods = list(outcomes[0].costs)
    groups = {kind: [o for o in outcomes if o.clip.kind == kind] for kind in _kinds(outcomes)}
    noisy = [o for kind in NOISES for o in groups.get(kind, [])]
    for snr in SNRS:
        groups[f"SNR {snr} dB"] = [o for o in noisy if o.clip.snr == snr]
    groups = {name: some for name, some in groups.items() if some} | {"all": list(outcomes)}
    means: dict[str, Mapping[str, float]] = {
        name: {m: mean(some, m) for m in methods} for name, some in groups.items()
    }
    head = (f"mean cost, {outcomes[0].period_ms} ms", "clips", *methods)
    figures = {name: [f"{cost:.3f}" for cost in costs.values()] for name, costs in means.items()}
    rows(head, [[name, len(groups[name]), *figures[name]] for name in groups])
    return means


def _kinds(outcomes: Sequence[Outcome]) -> list[str]:
    return list(dict.fromkeys(o.clip.kind for o in outcomes))


def invented(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Print how often a threshold was suggested where nobody spoke; return the shares."""
    kinds = _kinds(outcomes)
    lines: list[list[object]] = []
    for kind in kinds:
        some = [o for o in outcomes if o.clip.kind == kind]
        lines.append([kind, len(some), *(_given(some, method) for method in OURS)])
    rows(("no speech", "clips", *OURS), lines)
    return {method: _given(outcomes, method) / len(outcomes) for method in OURS}


def _given(outcomes: Sequence[Outcome], method: str) -> int:
    return sum(each.suggestions[method].threshold is not None for each in outcomes)


def confidence(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Print how well the stated confidence predicts what costs more; return the areas."""
    areas = {}
    for method in OURS:
        given = [o for o in outcomes if o.suggestions[method].threshold is not None]
        stated = np.array([o.suggestions[method].confidence for o in given])
        dear = np.array([o.costs[method] - o.costs[IDEAL] > EXCESS for o in given])
        areas[method] = area_under_curve(stated, dear)
        say(
            f"{outcomes[0].period_ms} ms, {method}: area under the curve {areas[method]:.3f} for "
            f"{dear.sum()} of {dear.size} that cost over {EXCESS} more than the best; "
            f"{len(outcomes) - len(given)} without a threshold"
        )
        for low, high in ((0.0, 0.5), (0.5, 0.75), (0.75, 0.9), (0.9, 1.01)):
            some = dear[(stated >= low) & (stated < high)]
            if some.size:
                share = f"{some.mean():.0%} of {some.size}"
                say(f"  confidence {low:.2f} to {min(high, 1.0):.2f}: {share}")
    return areas


def speed(outcomes: Sequence[Outcome]) -> float:
    """Print how long a suggestion on a quarter of an hour takes, and return the milliseconds."""
    levels = np.concatenate([step_levels(o.clip.samples) for o in outcomes])[:QUARTER_STEPS]
    truth = np.concatenate([o.clip.truth for o in outcomes])[:QUARTER_STEPS].astype(np.int8)
    taken = {MONITOR: _milliseconds(levels, truth), BLIND: _milliseconds(levels, None)}
    said = ", ".join(f"{value:.0f} ms {method}" for method, value in taken.items())
    say(f"a suggestion on {levels.size} steps, 15 minutes, takes {said}")
    return max(taken.values())


def _milliseconds(levels: Levels, answers: Heard | None) -> float:
    evidence = Evidence.cut(levels, answers, 16)
    times = []
    for _ in range(5):
        began = time.process_time()
        suggest(evidence)
        times.append(1000 * (time.process_time() - began))
    return statistics.median(times)


def bars(spoken: Sequence[Sequence[Outcome]], means: Mapping[str, Mapping[str, float]]) -> None:
    """Print which of the bars on costs hold."""
    for some in spoken:
        most = MOST_OF_BEST * mean(some, IDEAL) + MOST_OVER_BEST
        for method in (TUNE, MONITOR):
            _bar(f"{some[0].period_ms} ms, {method}, mean cost", mean(some, method), most)
    _bar("by step", means["all"][TUNE], MOST_BY_STEP)
    ratio = means["all"][TUNE] / min(means["all"][peer] for peer in PEERS)
    kinds = {name: costs for name, costs in means.items() if name != "all"}
    worst = max(kinds, key=lambda name: _against_peers(kinds[name]))
    _bar("of the best peer's cost", ratio, MOST_OF_PEER)
    _bar(f"of it at worst ({worst})", _against_peers(kinds[worst]), MOST_OF_PEER_ANYWHERE)


def _against_peers(costs: Mapping[str, float]) -> float:
    return costs[TUNE] / min(costs[peer] for peer in PEERS)


def _bar(what: str, value: float, most: float) -> None:
    say(f"{'holds' if value <= most else 'FAILS'}: {what} {value:.3f}, at most {most:.3f}")


def _least(what: str, value: float, least: float) -> None:
    say(f"{'holds' if value >= least else 'FAILS'}: {what} {value:.3f}, at least {least:.3f}")


def all_outcomes(half: str) -> Iterator[list[Outcome]]:
    """What came of the clips of 12 s, by period, and of those of a minute."""
    made = [*clips(half), *sounds(half)]
    for period_ms in PERIODS:
        yield outcomes_of(half, "", made, period_ms)
    yield outcomes_of(half, "-long", list(long_clips(half)), LONG_PERIOD)


def main() -> None:
    """Build or find the clips, ask everybody, and print."""
    parser = argparse.ArgumentParser(description="The benchmark of the suggested threshold.")
    parser.add_argument("--half", choices=HALVES, default="proof", help="which clips")
    asked = list(all_outcomes(parser.parse_args().half))
    spoken = [[each for each in some if each.spoken] for some in asked]
    by_period(spoken)
    means, *_ = [by_condition(some) for some in spoken]
    usual = next(some for some in asked if some[0].period_ms == PERIODS[-1])
    shares = invented([each for each in usual if not each.spoken])
    areas = {some[0].period_ms: confidence(some) for some in spoken}[PERIODS[-1]]
    say()
    taken = speed(spoken[0])
    say()
    bars(spoken, means)
    _bar("of clips without speech with a threshold", shares[TUNE], MOST_INVENTED)
    _bar("the same, levels alone", shares[BLIND], MOST_INVENTED_BLIND)
    _least("area of confidence, tune", areas[TUNE], LEAST_AREA)
    _least("area of confidence, monitor", areas[MONITOR], LEAST_AREA)
    _least("area of confidence, levels alone", areas[BLIND], LEAST_AREA_BLIND)
    _bar("milliseconds for a quarter of an hour", taken, MOST_MILLISECONDS)


if __name__ == "__main__":
    main()
