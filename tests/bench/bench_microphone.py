"""Whether the suggested threshold keeps its promise at a microphone: three noises, minutes of each.

``PYTHONPATH=tests python -m bench.bench_microphone``, with names of noises for some of them. The
program listens for a minute, ``a`` and enter take a threshold, the results of two minutes are
compared with what was played, and ``a`` has to say the same again.
"""

import sys

from support.screens.taken_suggestion import Outcome, take_suggestion
from support.sources.noisy_room import NOISES, Noise
from support.sources.virtual_mics import virtual_mics

from bench.report import row

BEFORE, AFTER = 61.0, 120.0
"""Seconds, of real time."""


def told(noise: Noise, outcome: Outcome) -> None:
    """Print how it went with a noise."""
    name, found = f"{noise.colour} noise at {noise.dbfs:.0f} dBFS", outcome.periods
    if found.damaged:
        row(name, str(found.damaged), "samples lost or late on this machine: measure again")
    row(name, f"{outcome.threshold:.4g}", "threshold taken")
    row("", f"{found.silent} of {found.pauses}", "pauses are silence")
    row("", f"{found.kept} of {found.sentences}", "sentences are not")
    row("", str(found.between), "periods between, not judged")
    row("", f"{outcome.again:.4g}", f"threshold suggested again, {outcome.apart_db:+.2f} dB")
    for words in (*found.wrong, *outcome.panels):
        print(words, flush=True)  # noqa: T201  the output of the benchmark


def main() -> None:
    """Measure and print."""
    for noise in NOISES:
        if noise.colour in (sys.argv[1:] or [each.colour for each in NOISES]):
            with virtual_mics() as mics:
                told(noise, take_suggestion(mics, noise, BEFORE, AFTER))


if __name__ == "__main__":
    main()
