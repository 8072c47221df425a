"""What the local endpoint's models cost: audio seconds to a processor second.

The baseline is what one would write first: a loop that gives the networks one window after
another. It judges nothing, it only runs them: Silero VAD on every 32 ms, and for ``gender`` the
voice embedding once a period on 1.6 s besides.
"""

import asyncio
import time

import numpy as np
from support.sources.sounds import Samples

from bench.report import alternately, median_ratio, row, voices
from deeptone_tui.endpoint.engine import Engine
from deeptone_tui.endpoint.engine.features import mel_windows
from deeptone_tui.endpoint.engine.networks import Networks, VoiceState, load_networks
from deeptone_tui.protocol import StreamParameters

ROUNDS = 3
PERIOD = 16_384  # samples, 1024 ms
CHUNK = 1_600  # samples that a client sends at once, 100 ms
EVERYTHING = ("speech-rt", "speech", "gender")
SHORT_PERIOD = 64  # ms


def noise() -> Samples:
    """10.24 s: for ``speech-rt`` nothing costs more, because the second network always looks."""
    return (np.random.default_rng(1).normal(size=10 * PERIOD) * 1000).astype(np.int16)


def plain_loop(networks: Networks, samples: Samples, *, voice: bool) -> float:
    """Processor seconds of the baseline."""
    audio = np.concatenate([np.zeros(64, np.float32), (samples / 32768).astype(np.float32)])
    windows = np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(audio, 576)[::512])
    state = VoiceState()
    began = time.process_time()
    for n in range(len(windows)):
        networks.voice_activity.listen([windows[n : n + 1]], [state])
    for end in range(PERIOD, len(samples) + 1, PERIOD) if voice else ():
        networks.voice_embedding.run(mel_windows(audio[max(0, end - 25_600) : end])[:1])
    return time.process_time() - began


class Streams:
    """An engine and clients of it on one event loop."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._engine = Engine()
        self._runner.run(self._engine.start())

    def cost(
        self, samples: Samples, streams: int, models: tuple[str, ...], period: int = 1024
    ) -> float:
        """Processor seconds for each of so many streams, all at once and as fast as they can."""
        parameters = StreamParameters(models=models, output_period=period)
        began = time.process_time()
        self._runner.run(self._feed(samples, streams, parameters))
        return (time.process_time() - began) / streams

    def close(self) -> None:
        """End the engine."""
        self._runner.run(self._engine.close())
        self._runner.close()

    async def _feed(self, samples: Samples, streams: int, parameters: StreamParameters) -> None:
        await asyncio.gather(*(self._client(samples, parameters) for _ in range(streams)))

    async def _client(self, samples: Samples, parameters: StreamParameters) -> None:
        analysis = self._engine.open_stream(parameters)
        for start in range(0, len(samples), CHUNK):
            await analysis.feed(samples[start : start + CHUNK])
        await analysis.finish()


def main() -> None:
    """Measure and print."""
    networks, streams = load_networks(), Streams()
    speech, hiss = voices(), noise()

    def run(name: str, samples: Samples, count: int, models: tuple[str, ...], period: int) -> None:
        """Print how many times the baseline's throughput, and the throughput itself."""
        loops, costs = alternately(
            lambda: plain_loop(networks, samples, voice="gender" in models),
            lambda: streams.cost(samples, count, models, period),
            ROUNDS,
        )
        fastest = f"a plain loop's; {len(samples) / 16_000 / min(costs):.0f} × real time"
        row(name, f"{median_ratio(loops, costs):.2f} ×", fastest)

    brief = speech[: 5 * PERIOD]  # the voice embedding is a hundred times the work
    for model, samples in zip(EVERYTHING, (speech, speech, brief), strict=True):
        run(f"{model}, speech", samples, 1, (model,), 1024)
    run("all three, speech", brief, 1, EVERYTHING, 1024)
    run("speech-rt, noise", hiss, 1, ("speech-rt",), 1024)
    run("speech-rt, speech, period 64 ms", speech, 1, ("speech-rt",), SHORT_PERIOD)
    for count in (4, 16):
        run(f"speech-rt, speech, {count} streams", speech, count, ("speech-rt",), 1024)
        run(f"all three, speech, {count} streams", brief, count, EVERYTHING, 1024)
    for models, name in ((("speech-rt",), "speech-rt"), (EVERYTHING, "all three")):
        carried = len(brief) / 16_000 / streams.cost(brief, 16, models)
        row(f"streams that one core carries, {name}", f"{carried:.0f}", "speech, in real time")
    streams.close()


if __name__ == "__main__":
    main()
