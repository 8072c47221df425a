"""Endpoints that judge by the audio alone, and each in its own way of misbehaving.

A result's confidence is a check sum of the samples it was made from. So whoever holds the source
can say of every result, wherever it was sent, late, twice or after three connections, whether
it is in its place and whether one sample under it was changed.
"""

import zlib

import numpy as np
from aiohttp import WSMsgType
from support.endpoints.scripted_endpoint import Peer, Script

from deeptone_tui.protocol import Answer

LOUD = 0.05
"""RMS, where 1 is full scale, from which audio is called speech here."""


def verdict(audio: bytes) -> Answer:
    """What is said of audio: always the same of the same, and of nothing else."""
    samples = np.frombuffer(audio, dtype="<i2").astype(np.float64) / 32_768
    loud = bool(len(samples)) and float(np.sqrt(np.mean(samples**2))) >= LOUD
    return Answer("speech" if loud else "silence", zlib.crc32(audio) / 2**32)


async def behave(peer: Peer) -> None:
    """Greet, answer every period when it is there, and close when the audio ends."""
    await peer.greet()
    await peer.answer_all()
    await peer.socket.close()


async def answer_some(peer: Peer, periods: int) -> bool:
    """Greet, and answer so many periods; whether the audio went on so long."""
    await peer.greet()
    size = 2 * peer.parameters.period_samples
    for period in range(periods):
        if not await peer.listen((period + 1) * size):
            return False
        await peer.judge(period)
        peer.note_answered(1)
    return await peer.listen((periods + 1) * size + size // 2)


def closing(code: int, *, after: int = 20) -> Script:
    """Close with a code, in the middle of a period; 1006 closes without a word."""

    async def script(peer: Peer) -> None:
        if not await answer_some(peer, after):
            await peer.answer_all()
        elif code == 1006:
            peer.reset()
        else:
            await peer.socket.close(code=code)

    return script


def complaining(words: str, *, after: int = 20) -> Script:
    """Send an error message, as the service does before it closes."""

    async def script(peer: Peer) -> None:
        await answer_some(peer, after)
        await peer.socket.send_str(f'{{"message_type":"error","message":"{words}"}}')
        await peer.socket.close(code=1011)

    return script


async def ungreeting(peer: Peer) -> None:
    """Answer, but never say hello; the end of the audio has to be told by closing."""
    await peer.answer_all(last=False)


def falling_silent(*, after: int) -> Script:
    """Take all audio, and say nothing any more."""

    async def script(peer: Peer) -> None:
        if after:
            await answer_some(peer, after)
        else:
            await peer.greet()
        # Received even after the end, because pings are answered by whoever receives.
        while (await peer.socket.receive()).type is WSMsgType.BINARY:
            pass

    return script


def late(*, periods: int) -> Script:
    """Answer each period when so many more have come."""

    async def script(peer: Peer) -> None:
        await peer.greet()
        size = 2 * peer.parameters.period_samples
        while await peer.listen((peer.answered + periods) * size):
            await peer.judge(peer.answered)
            peer.note_answered(1)
        await peer.answer_all()

    return script


async def duplicating(peer: Peer) -> None:
    """Say everything twice, and the first result again at the end."""
    await peer.greet()
    size = 2 * peer.parameters.period_samples
    while await peer.listen((peer.answered + 1) * size):
        await peer.judge(peer.answered)
        await peer.judge(peer.answered)
        peer.note_answered(1)
    await peer.judge(0)
    await peer.answer_all()


async def shuffling(peer: Peer) -> None:
    """Answer three periods at a time, the last of them first."""
    await peer.greet()
    size = 2 * peer.parameters.period_samples
    while await peer.listen((peer.answered + 3) * size):
        for period in (2, 0, 1):
            await peer.judge(peer.answered + period)
        peer.note_answered(3)
    await peer.answer_all()


def skipping(*, period: int) -> Script:
    """Leave out one result and go on."""

    async def script(peer: Peer) -> None:
        if await answer_some(peer, period):
            peer.note_answered(1)
        await peer.answer_all()

    return script
