"""How good the suggested threshold is: ``make bench-tune``.

600 clips of 12 s that share no voice and no recording with the 600 the method was tuned on
(``--half tuning`` shows those). `bench.tuning.clips` says what they are and what is true of them,
`bench.tuning.peers` who else is asked. A threshold costs 4 times the share of speech steps that it
makes silence, and once the share of other steps that it does not.

The classes are those of the local endpoint at threshold 0, asked every 64 ms and, besides, every
1024 ms. Where no threshold is suggested the program leaves the one in force, which here is the
default: that is what it then costs. Clips without speech have no cost, only a count of thresholds
that should not have been suggested.
"""

import argparse
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.tuning.classes import heard
from bench.tuning.clips import SNRS, Clip, clips
from bench.tuning.material import HALVES, NOISES
from bench.tuning.peers import PEERS
from bench.tuning.scoring import Score, area_under_curve, best, score
from deeptone_tui.level import Levels, step_levels
from deeptone_tui.protocol import DEFAULT_VOLUME_THRESHOLD
from deeptone_tui.tuning import Heard, Suggestion, suggest

CLASSES, SLOW, BLIND = "with classes", "classes, 1024 ms", "levels alone"
OURS = (CLASSES, SLOW, BLIND)
IDEAL = "best there is"
EXCESS = 0.1
MOST_OF_PEER, MOST_OF_PEER_ANYWHERE, MOST_OVER_BEST = 0.8, 1.15, 0.08
MOST_INVENTED, LEAST_AREA, MOST_MILLISECONDS = 0.05, 0.8, 50.0
QUARTER_STEPS = 14_000


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """A clip and what came of it, by method."""

    clip: Clip
    suggestions: Mapping[str, Suggestion]
    scores: Mapping[str, Score]

    @property
    def spoken(self) -> bool:
        """Whether there is speech in it."""
        return bool(self.clip.truth.any())


def outcome(clip: Clip, fast: Heard, slow: Heard) -> Outcome:
    """Ask every method about a clip."""
    levels = step_levels(clip.samples)
    suggestions = dict(zip(OURS, _suggestions(levels, fast, slow), strict=True))
    thresholds = {IDEAL: best(levels, clip.truth)} | {
        name: DEFAULT_VOLUME_THRESHOLD if found.threshold is None else found.threshold
        for name, found in suggestions.items()
    }
    thresholds |= {name: peer(clip) for name, peer in PEERS.items()}
    scores = {name: score(value, levels, clip.truth) for name, value in thresholds.items()}
    return Outcome(clip, suggestions, scores)


def _suggestions(levels: Levels, fast: Heard, slow: Heard) -> tuple[Suggestion, ...]:
    return suggest(levels, fast), suggest(levels, slow), suggest(levels)


def say(line: str = "") -> None:
    """Print a line of the report."""
    print(line, flush=True)  # noqa: T201  the output of make bench-tune


def table(outcomes: Sequence[Outcome]) -> Mapping[str, Mapping[str, float]]:
    """Print the mean costs by condition, and return them."""
    methods = list(outcomes[0].scores)
    groups = {kind: [o for o in outcomes if o.clip.kind == kind] for kind in _kinds(outcomes)}
    noisy = [o for kind in NOISES for o in groups.get(kind, [])]
    for snr in SNRS:
        groups[f"SNR {snr} dB"] = [o for o in noisy if o.clip.snr == snr]
    groups["all"] = list(outcomes)
    say("| mean cost | clips | " + " | ".join(methods) + " |")
    say("|---|---|" + "---|" * len(methods))
    means = {
        name: {m: float(np.mean([o.scores[m].cost for o in some])) for m in methods}
        for name, some in groups.items()
    }
    for name, costs in means.items():
        figures = " | ".join(f"{cost:.3f}" for cost in costs.values())
        say(f"| {name} | {len(groups[name])} | {figures} |")
    return means


def _kinds(outcomes: Sequence[Outcome]) -> list[str]:
    return list(dict.fromkeys(o.clip.kind for o in outcomes))


def invented(outcomes: Sequence[Outcome]) -> float:
    """Print how often a threshold was suggested where nobody spoke; return our worst share."""
    worst = 0.0
    for kind in _kinds(outcomes):
        some = [o for o in outcomes if o.clip.kind == kind]
        counts = {m: sum(o.suggestions[m].threshold is not None for o in some) for m in OURS}
        said = ", ".join(f"{count} {method}" for method, count in counts.items())
        say(f"{kind}: a threshold invented in {said}, of {len(some)} clips")
        worst = max(worst, counts[CLASSES] / len(some))
    return worst


def confidence(outcomes: Sequence[Outcome]) -> float:
    """Print how well the stated confidence predicts what goes wrong; return the area for ours."""
    areas = {}
    for method in OURS:
        given = [o for o in outcomes if o.suggestions[method].threshold is not None]
        stated = np.array([o.suggestions[method].confidence for o in given])
        failed = np.array([not o.spoken or o.scores[method].failed for o in given])
        dear = np.array([o.scores[method].cost - o.scores[IDEAL].cost > EXCESS for o in given])
        areas[method] = area_under_curve(stated, failed)
        say(
            f"{method}: area under the curve {areas[method]:.3f} for {failed.mean():.0%} failures "
            f"(more than a fifth lost or passed), {area_under_curve(stated, dear):.3f} for "
            f"{dear.mean():.0%} that cost over {EXCESS} more than the best"
        )
        refused = sum(o.spoken and o.suggestions[method].threshold is None for o in outcomes)
        say(f"  no threshold in {refused} clips with speech, which are not counted here")
        for low, high in ((0.0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1.01)):
            some = failed[(stated >= low) & (stated < high)]
            if some.size:
                share = f"{some.mean():.0%} of {some.size} fail"
                say(f"  confidence {low:.2f} to {min(high, 1.0):.2f}: {share}")
    return areas[CLASSES]


def speed(outcomes: Sequence[Outcome]) -> float:
    """Print how long a suggestion on a quarter of an hour takes, and return the milliseconds."""
    levels = np.concatenate([step_levels(o.clip.samples) for o in outcomes])[:QUARTER_STEPS]
    truth = np.concatenate([o.clip.truth for o in outcomes])[:QUARTER_STEPS].astype(np.int8)
    taken = {CLASSES: _milliseconds(levels, truth), BLIND: _milliseconds(levels, None)}
    said = ", ".join(f"{value:.0f} ms {method}" for method, value in taken.items())
    say(f"a suggestion on {levels.size} steps, 15 minutes, takes {said}")
    return max(taken.values())


def _milliseconds(levels: Levels, heard: Heard | None) -> float:
    times = []
    for _ in range(5):
        began = time.process_time()
        suggest(levels, heard)
        times.append(1000 * (time.process_time() - began))
    return statistics.median(times)


def bars(
    means: Mapping[str, Mapping[str, float]], invention: float, area: float, taken: float
) -> None:
    """Print which of the bars hold for the suggestion with classes."""
    whole = means["all"]
    ratio = whole[CLASSES] / min(whole[peer] for peer in PEERS)
    kinds = {name: costs for name, costs in means.items() if name != "all"}
    worst = max(kinds, key=lambda name: _against_peers(kinds[name]))
    over = whole[CLASSES] - whole[IDEAL]
    _bar(f"{ratio:.2f} of the best peer's cost", ratio, MOST_OF_PEER)
    anywhere = _against_peers(kinds[worst])
    _bar(f"{anywhere:.2f} of it at worst ({worst})", anywhere, MOST_OF_PEER_ANYWHERE)
    _bar(f"{over:.3f} over the best threshold there is", over, MOST_OVER_BEST)
    _bar(f"{invention:.0%} of clips without speech with a threshold", invention, MOST_INVENTED)
    _bar(f"{1 - area:.3f} of the pairs in the wrong order of confidence", 1 - area, 1 - LEAST_AREA)
    _bar(f"{taken:.0f} ms for a quarter of an hour", taken, MOST_MILLISECONDS)


def _against_peers(costs: Mapping[str, float]) -> float:
    return costs[CLASSES] / min(costs[peer] for peer in PEERS)


def _bar(what: str, value: float, most: float) -> None:
    say(f"{'holds' if value <= most else 'FAILS'}: {what}, at most {most:g}")


def main() -> None:
    """Build or find the clips, ask everybody, and print."""
    parser = argparse.ArgumentParser(description="The benchmark of the suggested threshold.")
    parser.add_argument("--half", choices=HALVES, default="proof", help="which clips")
    half: str = parser.parse_args().half
    made = list(clips(half))
    say(f"{len(made)} clips of {len(made[0].samples) / 16_000:.1f} s, the {half} half")
    answers = [heard(half, made, period) for period in (64, 1024)]
    outcomes = [outcome(*each) for each in zip(made, *answers, strict=True)]
    spoken = [o for o in outcomes if o.spoken]
    say()
    means = table(spoken)
    say()
    invention = invented([o for o in outcomes if not o.spoken])
    say()
    area = confidence(outcomes)
    say()
    taken = speed(spoken)
    say()
    bars(means, invention, area, taken)


if __name__ == "__main__":
    main()
