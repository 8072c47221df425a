"""Inference engine of the local endpoint: networks, analysis of a stream, and worker threads.

``Engine`` holds the networks; ``Analysis`` belongs to one connection. Semantics of the answers:

- Audio is judged in steps of 64 ms. A period whose steps are all silent (`deeptone_tui.dsp`) is
  ``silence`` with confidence 1 for every model; otherwise the models answer for its steps that
  are not silent. The networks process all of the audio, whatever the threshold is.
- ``speech-rt``: Silero VAD's probability of speech, the maximum of each step's windows, averaged
  over the period. The speech/music/noise network divides the rest into music and other; it
  classifies 0.7 s of audio every 256 ms wherever speech is not clear. The largest share is the
  result and its size the confidence.
- ``speech``: the same, over the last 1082 ms if the period is shorter.
- ``gender``: a voice embedding of the speech in the last 3130 ms and a linear head, updated at
  most every 512 ms; ``unknown`` between 0.3 and 0.7; ``no_speech`` if the result of ``speech-rt``
  is not speech, with 1 - its share of speech as confidence.
- Raw values exist in silence, too: the shares over all steps, where non-speech counts as other,
  and the newest estimate of gender (0.5 before any speech). Requesting them changes no answer.
"""

import asyncio
import time
from collections.abc import Callable

import numpy as np

from deeptone_tui.dsp import Samples
from deeptone_tui.dsp.samples import checked
from deeptone_tui.endpoint.engine.batch import MAX_SLICE_STEPS, EngineClosed, Job, due
from deeptone_tui.endpoint.engine.networks import load_networks
from deeptone_tui.endpoint.engine.track import Track
from deeptone_tui.endpoint.engine.workers import InferenceWorkers
from deeptone_tui.endpoint.virtual_clock import VirtualClock
from deeptone_tui.protocol import STEP_SAMPLES, Step, StreamParameters

__all__ = ["Analysis", "Engine", "EngineClosed"]


CLOSING_TIME_S = 2.0
"""Timeout in seconds for the threads to end; a batch takes some hundredths of a second."""


class Analysis:
    """Analysis of one connection: mono 16 kHz audio in, results of its periods out, in order.

    To be used from one task at a time, on one event loop.
    """

    def __init__(
        self,
        parameters: StreamParameters,
        submit: Callable[[Job], None],
        backlogged: Callable[[], bool],
    ) -> None:
        self._track = Track(parameters)
        self._lead = VirtualClock(time.monotonic)
        self._backlogged = backlogged
        self._submit = submit
        self._waiting = np.empty(MAX_SLICE_STEPS * STEP_SAMPLES, np.int16)
        self._count = 0  # waiting samples; always less than a slice
        self._job: Job | None = None
        self._ended = False

    async def feed(self, samples: Samples) -> list[Step]:
        """Judge more audio and return the results of the periods that it completes.

        It returns only when they are judged, which puts backpressure on the sender. Memory does
        not grow with the length of ``samples`` beyond the samples themselves. A cancelled feed
        ends the analysis, because part of its audio has been judged.

        Args:
            samples: int16, [n], any n; not to be changed during the call.

        Raises:
            ValueError: for anything but int16 in one dimension.
            RuntimeError: after the end, or while another feed runs.
            EngineClosed: if the engine or this analysis is closed meanwhile.
        """
        checked(samples)
        self._check_open()
        now = due(self._track, (self._count + len(samples)) // STEP_SAMPLES) * STEP_SAMPLES
        joined = self._joined(samples) if now else samples
        rest = joined[now:]
        self._waiting[self._count : self._count + len(rest)] = rest
        self._count += len(rest)
        return await self._judge(joined[:now], last=False) if now else []

    async def finish(self) -> list[Step]:
        """End the audio and return the result of an incomplete period that holds a whole step.

        An incomplete step is not judged.
        """
        self._check_open()
        whole = self._waiting[: self._count - self._count % STEP_SAMPLES]
        some = self._track.begun or len(whole)
        steps = await self._judge(whole, last=True) if some else []
        self.close()
        return steps

    def close(self) -> None:
        """Release the analysis; a running feed fails with `EngineClosed`."""
        self._ended = True
        if self._job is not None:
            self._job.settle(EngineClosed("the analysis has been closed"))

    def _joined(self, samples: Samples) -> Samples:
        """Return the waiting samples followed by ``samples``, and clear the former."""
        if not self._count:
            return samples
        joined = np.concatenate([self._waiting[: self._count], samples])
        self._count = 0
        return joined

    async def _judge(self, samples: Samples, *, last: bool) -> list[Step]:
        self._check_open()
        self._job = Job(self._track, samples, self._lead, self._backlogged, last=last)
        try:
            self._submit(self._job)
            steps = await self._job.judged()
        except BaseException:
            self._ended = True
            raise
        finally:
            self._job = None
        return steps

    def _check_open(self) -> None:
        if self._ended:
            raise RuntimeError("the audio of this analysis has ended")
        if self._job is not None:
            raise RuntimeError("one feed at a time: the last one is not judged yet")


class Engine:
    """Networks and worker threads, one instance per process; never computes on the event loop."""

    offered: tuple[str, ...] = ("speech-rt", "speech", "gender")
    """Names of the models that run here: their accuracy has been measured and is adequate."""

    def __init__(self) -> None:
        self._workers: InferenceWorkers | None = None

    async def start(self) -> None:
        """Load the networks and start the threads."""
        self._workers = InferenceWorkers(await asyncio.to_thread(load_networks))

    @property
    def waiting(self) -> tuple[int, int]:
        """Numbers of streams whose audio waits to be judged: in real time, and ahead of it."""
        return self._workers.waiting if self._workers is not None else (0, 0)

    async def close(self) -> None:
        """End the threads within `CLOSING_TIME_S`; unfinished feeds fail with `EngineClosed`."""
        workers, self._workers = self._workers, None
        if workers is not None:
            await asyncio.to_thread(workers.close, CLOSING_TIME_S)

    def open_stream(
        self, parameters: StreamParameters, backlogged: Callable[[], bool] = lambda: False
    ) -> Analysis:
        """Begin the analysis of a connection.

        Args:
            parameters: parameters of the stream, with models that are `offered`.
            backlogged: returns True if the stream demands more than real time, so that real-time
                streams take precedence; called from any thread.
        """
        return Analysis(parameters, self._submit, backlogged)

    def _submit(self, job: Job) -> None:
        if self._workers is None:
            raise EngineClosed("the engine is not running")
        self._workers.submit(job)
