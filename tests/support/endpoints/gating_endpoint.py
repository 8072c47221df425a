"""An endpoint that gates by a volume of its own, as another maker's may."""

import contextlib
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from support.endpoints.in_thread import in_thread
from support.endpoints.scripted_endpoint import Peer, Script, served

Levels = npt.NDArray[np.float64]
Volume = Callable[[Levels], Levels]
"""Samples of whole steps, from -1 to 1, shape (n, 1024), to the volume of each, shape (n,)."""


def rms(steps: Levels) -> Levels:
    """What our own endpoint measures."""
    return np.asarray(np.sqrt(np.mean(np.square(steps), axis=1)))


def peak(steps: Levels) -> Levels:
    """The largest sample."""
    return np.asarray(np.abs(steps).max(axis=1))


def gating(volume: Volume) -> Script:
    """Whole periods are silence while none of their steps reaches the threshold."""

    async def script(peer: Peer) -> None:
        await peer.greet()
        parameters = peer.parameters
        size = 2 * parameters.period_samples
        while await peer.listen((peer.answered + 1) * size):
            period = bytes(peer.audio[peer.answered * size :][:size])
            steps = np.frombuffer(period, "<i2").reshape(-1, 1024) / 32_768
            silent = bool((volume(steps) < parameters.volume_threshold).all())
            timestamp = float(peer.answered * parameters.output_period)
            await peer.answer(timestamp, "silence" if silent else "speech")
            peer.answered += 1
        await peer.socket.close()

    return script


@contextlib.contextmanager
def gating_endpoint(volume: Volume) -> Iterator[str]:
    """The address of one that runs in a thread of its own."""
    with in_thread(served(gating(volume))) as endpoint:
        yield endpoint.url
