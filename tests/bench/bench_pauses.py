"""Whether ``deeptone-tui tune`` keeps pauses silent and speech not: ``make bench-pauses``.

Ten recordings of some 50 s: two voices in turn with six pauses of 2.2 to 4.2 s and one at the end,
over a steady noise. The whole program is asked, and judged by its JSON and by the definition of the
protocol: a period is silence when all its steps of 64 ms are under the threshold. A pause is a
period without any speech, a period of speech is at least half of it.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from support.programs.program import run_program
from support.sources.scenes import captured
from support.sources.sounds import write_wav

from bench.report import say
from bench.tuning.material import RATE, Random, Signal, coloured, noise, scaled, utterances
from bench.tuning.scoring import TruePeriods
from deeptone_tui.dsp import step_levels
from deeptone_tui.protocol import STEP_MS
from deeptone_tui.protocol.units import format_dbfs

VOICES = (("fr", "it"), ("ru", "big-fish"), ("es", "en"), ("librivox", "small-fish"), ("it", "ru"))
NOISES = ("hiss", "hum", "pink", "room", "brown")
SENTENCES_SECONDS = 5.0
LEAST_KEPT, MOST_LOST, MOST_OVER_BEST = 140 / 142, 1 / 299, 0.05


def recordings() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Name, samples, and which of them are speech, of each."""
    for n in range(10):
        random = np.random.default_rng([7, n])
        kind, voices = NOISES[n % 5], VOICES[n // 2]
        spoken = random.uniform(-30.0, -16.0)
        parts, truth = list[Signal](), list[np.ndarray]()
        for turn in range(6):
            pause = round(random.uniform(2.2, 4.2) * RATE)
            said = _sentences(voices[turn % 2], random) * 10 ** ((spoken - 6.0 * (turn % 2)) / 20)
            parts += [np.zeros(pause), said]
            truth += [np.zeros(pause, np.bool_), np.ones(len(said), np.bool_)]
        speech = np.concatenate([*parts, np.zeros(2 * RATE)])
        level = spoken - random.uniform(17.0, 32.0)
        mixed = speech + _noise(kind, random, len(speech)) * 10 ** (level / 20)
        samples = captured(mixed * 32_768)
        flags = np.concatenate([*truth, np.zeros(2 * RATE, np.bool_)])
        yield f"{n}-{kind}{level:.0f}", samples, flags


def _sentences(voice: str, random: Random) -> Signal:
    """Some sentences of a voice without a pause, at an active level of 1."""
    said, found = list[Signal](), utterances(voice)
    while sum(map(len, said)) < SENTENCES_SECONDS * RATE:
        said.append(found[int(random.integers(len(found)))])
    return scaled(np.concatenate(said))


def _noise(kind: str, random: Random, size: int) -> Signal:
    """A noise of an active level of 1."""
    slopes = {"pink": 1.0, "brown": 2.0, "room": 1.5}
    if kind in slopes:
        return scaled(coloured(random, size, slopes[kind]))
    return noise("stationary" if kind == "hiss" else kind, "proof", random, size)


def suggested(place: Path, period_ms: int) -> float:
    """What the program suggests for a file."""
    words = ("tune", str(place), "--json", "--output-period", str(period_ms))
    told = run_program(place.parent, *words)
    assert told.returncode == 0
    threshold = json.loads(told.stdout)["sources"][0]["threshold"]
    return 0.0 if threshold is None else float(threshold)


def judged(period_ms: int, folder: Path) -> tuple[int, int, int, int, float]:
    """Print a line a recording.

    Returns:
        Pauses kept, pauses, speech lost, speech, and the mean cost over the best.
    """
    sums, over = np.zeros(4, np.int64), list[float]()
    for name, samples, truth in recordings():
        place = folder / f"{name}.wav"
        write_wav(place, samples)
        threshold = suggested(place, period_ms)
        steps = len(samples) // 1024
        spoken = truth[: steps * 1024].reshape(-1, 1024).mean(axis=1)
        levels = step_levels(samples[: steps * 1024])
        size = period_ms // STEP_MS
        periods = TruePeriods.of(levels, spoken > 0, size)
        silent = periods.loudest < threshold
        best = periods.cost(periods.best)
        counts = (
            (silent & periods.pause).sum(),
            periods.pause.sum(),
            (silent & periods.speech).sum(),
            periods.speech.sum(),
        )
        over.append(periods.cost(threshold) - best)
        if best == 0.0:  # only where a perfect threshold exists
            sums += counts
        say(
            f"{name:12} {period_ms:4} ms {format_dbfs(threshold):>11}: pauses kept {counts[0]} of "
            f"{counts[1]}, speech lost {counts[2]} of {counts[3]}, {over[-1]:.2f} over {best:.2f}"
        )
    kept, pauses, lost, speech = sums.tolist()
    return kept, pauses, lost, speech, float(np.mean(over))


def main() -> None:
    """Make the recordings, ask, and print."""
    argparse.ArgumentParser(description="The benchmark of pauses.").parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for period_ms in (1024, 256, 64):
            kept, pauses, lost, speech, over = judged(period_ms, Path(folder))
            if period_ms == 1024:
                holds = kept >= LEAST_KEPT * pauses and lost <= max(1, MOST_LOST * speech)
                what = f"pauses kept {kept} of {pauses}, speech lost {lost} of {speech}"
            else:
                holds, what = over <= MOST_OVER_BEST, f"{over:.3f} over the best, at most 0.05"
            say(f"{'holds' if holds else 'FAILS'}: {period_ms} ms, {what}")


if __name__ == "__main__":
    main()
