"""What two hundred hostile clients cost an honest one: its results' delay beside them and alone.

The server is ``deeptone-tui serve`` as it comes. The honest stream is a microphone's: real time,
64 ms a message. The hostile ones are of every kind in ``support.endpoints.hostile_clients``, from
a process of the lowest priority, because they stand for other machines.

A virtual machine that works may get less of its host's processor than one that rests; how much
was taken from it is printed too, because then the delays say little about the server.
"""

import asyncio
from pathlib import Path

import numpy as np
from support.endpoints.honest_stream import Answered, stream
from support.endpoints.hostile_crowd import hostile_crowd
from support.endpoints.serving_process import Serving, serving
from support.sources.sounds import Samples
from support.terminals.terminal import resident_bytes

from bench.report import row, voices

CLIENTS = 200
ROUNDS = 3
PERIOD = 64
"""The shortest: of few results the 99th percentile would be the worst but one, and tell what else
the machine has done."""
SECONDS = 30
WARM_SECONDS = 1


def ticks() -> tuple[int, int]:
    """Ticks of all cores that the host took, and all there were (Linux)."""
    with Path("/proc/stat").open() as lines:
        counted = [int(number) for number in lines.readline().split()[1:9]]
    return counted[7], sum(counted)


async def streamed(server: Serving, samples: Samples) -> Answered:
    """One honest stream, whole."""
    answered = await stream(server.stream, samples, period=PERIOD)
    expected = [float(PERIOD * n) for n in range(len(samples) // (16 * PERIOD))]
    assert answered.timestamps[: len(expected)] == expected, "results are missing or double"
    return answered


async def attacked(server: Serving, samples: Samples) -> tuple[Answered, int, dict[str, int]]:
    """One honest stream, the others coming after it; the server's memory, what became of them."""
    streaming = asyncio.create_task(streamed(server, samples))
    await asyncio.sleep(WARM_SECONDS)  # it has its place: who comes when all are taken is refused
    with hostile_crowd(server.port, CLIENTS) as done:
        answered = await streaming
        memory = resident_bytes(server.process.pid)
    return answered, memory, done


def _since(before: tuple[int, int]) -> tuple[int, int]:
    now = ticks()
    return now[0] - before[0], now[1] - before[1]


def main() -> None:
    """Measure and print."""
    samples = np.resize(voices(), SECONDS * 16_000)
    alone: list[float] = []
    beside: list[float] = []
    taken = ran = 0
    with serving("--max-connections", "64") as server:
        for _ in range(ROUNDS):
            first = asyncio.run(streamed(server, samples))
            before = ticks()
            second, memory, done = asyncio.run(attacked(server, samples))
            taken, ran = (sum(pair) for pair in zip((taken, ran), _since(before), strict=True))
            alone += first.delays
            beside += second.delays
            assert [step["results"] for step in first.steps] == [
                step["results"] for step in second.steps
            ], "the answers differ"
    for name, share in (("median", 50), ("99th percentile", 99)):
        apart, after = np.percentile(alone, share), np.percentile(beside, share)
        row(
            f"delay beside {CLIENTS} hostile clients, {name}",
            f"{after / apart:.2f} ×",
            f"{after * 1000:.1f} ms; alone {apart * 1000:.1f} ms",
        )
    row("taken by the machine's host meanwhile", f"{taken / ran:.0%}", "of the processor")
    row("results lost beside them", "0", f"of {len(beside)}; equal answers")
    row("memory beside them", f"{memory / 1e6:.0f} MB", "resident, at the end")
    row("what became of them", "", ", ".join(f"{k} {v}" for k, v in sorted(done.items())))


if __name__ == "__main__":
    main()
