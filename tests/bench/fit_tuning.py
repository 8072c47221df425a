"""Fit the weights of `tuning.features` and `tuning.search`: ``python -m bench.fit_tuning``.

To the tuning half of the clips alone; the other half is what ``make bench-tune`` proves them on. It
prints the weights that stand in those modules, for whoever changes what they are weighed from.
"""

import numpy as np
import numpy.typing as npt

from bench.bench_tuning import EXCESS, PERIODS
from bench.report import say
from bench.tuning.classes import heard
from bench.tuning.clips import Clip, clips
from bench.tuning.scoring import TruePeriods
from bench.tuning.sounds import sounds
from deeptone_tui.dsp import step_levels
from deeptone_tui.protocol import STEP_MS
from deeptone_tui.protocol.units import from_dbfs
from deeptone_tui.tuning import Evidence, Heard, SpeechPosterior, Verdict, suggest
from deeptone_tui.tuning.features import voice_figures
from deeptone_tui.tuning.search import cheapest, chosen, doubt_figures

Floats = npt.NDArray[np.float64]
HALF = "tuning"
RIDGE = 2.0


def fitted(figures: Floats, good: npt.NDArray[np.bool_]) -> Floats:
    """Weights of a logistic regression, the constant first; ridge on all but it.

    Args:
        figures: shape (n, k), without the constant.
        good: shape (n,).
    """
    middle, spread = figures.mean(axis=0), figures.std(axis=0) + 1e-9
    design = np.column_stack([np.ones(len(figures)), (figures - middle) / spread])
    weights, ridge = np.zeros(design.shape[1]), RIDGE * np.eye(design.shape[1])
    ridge[0, 0] = 0.0
    for _ in range(60):
        expected = 1 / (1 + np.exp(-design @ weights))
        slope = design.T @ (expected - good) + ridge @ weights
        curved = (design * (expected * (1 - expected))[:, None]).T @ design + ridge
        weights -= np.linalg.solve(curved, slope)
    scaled = weights[1:] / spread
    return np.concatenate([[weights[0] - scaled @ middle], scaled])


def voice(made: list[Clip]) -> Floats:
    """Weights by which levels alone look like speech."""
    figures, spoken = list[Floats](), list[bool]()
    for clip in made:
        judged = SpeechPosterior.of(step_levels(clip.samples), None)
        known = ~np.isnan(judged.speech)
        if known.any():
            by_step = cheapest(judged, np.arange(judged.levels.size))
            found = voice_figures(judged.dbfs[known], judged.speech[known] >= 0.5, by_step.passed)
            if found is not None:
                figures.append(found)
                spoken.append(bool(clip.truth.any()))
    return fitted(np.array(figures), np.array(spoken))


def doubt(made: list[Clip], answers: dict[int, list[Heard] | None]) -> Floats:
    """Weights of the confidence, over all the periods and answers."""
    figures, good = list[Floats](), list[bool]()
    for number, clip in enumerate(made):
        levels = step_levels(clip.samples)
        for given in answers.values():
            said = None if given is None else given[number]
            for period_ms in PERIODS:
                evidence = Evidence.cut(levels, said, period_ms // STEP_MS)
                if clip.truth.any() and suggest(evidence).verdict is Verdict.OK:
                    judged = SpeechPosterior.of(levels, said)
                    choice, _ = chosen(judged, evidence.starts)
                    periods = TruePeriods.of(levels, clip.truth, period_ms // STEP_MS)
                    over = periods.cost(from_dbfs(choice.dbfs)) - periods.cost(periods.best)
                    figures.append(doubt_figures(judged, evidence.starts, choice)[1:])
                    good.append(over <= EXCESS)
    return fitted(np.array(figures), np.array(good))


def main() -> None:
    """Fit, and print."""
    made, rest = list(clips(HALF)), list(sounds(HALF))
    answers = {period_ms: heard(HALF, [*made, *rest], period_ms) for period_ms in PERIODS}
    say(f"voice: {np.round(voice([*made, *rest]), 3).tolist()}")
    say(f"confidence, heard: {np.round(doubt(made, {**answers}), 3).tolist()}")
    say(f"confidence, levels alone: {np.round(doubt(made, {0: None}), 3).tolist()}")


if __name__ == "__main__":
    main()
