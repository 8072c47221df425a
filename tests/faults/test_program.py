"""``deeptone-tui stream`` over a bad line: what it prints is whole, in order and accounted for."""

import asyncio
import json
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from faults.behaviours import behave, closing, verdict
from faults.proxy import Proxy, proxied
from faults.sources import spoken
from support.endpoints.scripted_endpoint import Refusal, served
from support.programs.program import PATIENCE, PROGRAM, REPOSITORY, surroundings
from support.sources.sounds import Samples, write_wav

pytestmark = pytest.mark.long

PERIOD = 2048
PERIODS = 24
AUDIO = spoken(PERIOD * PERIODS / 16_000)
RAW = AUDIO.astype("<i2").tobytes()


class Streaming:
    """The program, and what it has printed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[dict[str, Any]] = []

    async def read(self, lines: int) -> None:
        """Read so many more lines, or to the end."""
        assert self.process.stdout is not None
        for _ in range(lines):
            line = await self.process.stdout.readline()
            if not line:
                return
            self.lines.append(json.loads(line))

    async def end(self) -> str:
        """Read the rest; gives the diagnostics of a good end."""
        await self.read(1000)
        assert self.process.stderr is not None
        told = (await self.process.stderr.read()).decode()
        assert await self.process.wait() == 0, told
        return told


async def streaming(folder: Path, source: str, url: str) -> Streaming:
    """Start the program."""
    process = await asyncio.create_subprocess_exec(
        *(*PROGRAM, "stream", source, "--url", url, "--output-period", "128"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=REPOSITORY,
        env=surroundings(folder),
    )
    return Streaming(process)


def check(lines: list[dict[str, Any]]) -> None:
    """Each period once and in order, made from its own samples, and every sample in one place."""
    assert [line["timestamp"] for line in lines] == [128.0 * n for n in range(PERIODS)]
    for number, line in enumerate(lines):
        audio = RAW[2 * PERIOD * number : 2 * PERIOD * (number + 1)]
        assert line["results"]["speech-rt"]["confidence"] == zlib.crc32(audio) / 2**32
        counted = line["samples"]
        fates = counted["covered"] + counted["in_flight"] + counted["dropped"]
        assert counted["captured"] == fates
        assert counted["captured"] >= counted["sent"] >= counted["covered"]
    assert lines[-1]["samples"]["dropped"] == 0


async def reset_twice(running: Streaming, proxy: Proxy) -> None:
    """Now, and a little later."""
    proxy.reset()
    await running.read(6)
    proxy.reset()


async def refuse(running: Streaming, proxy: Proxy) -> None:
    """Gone, and back when the program has noticed."""
    proxy.refuse()
    proxy.reset()
    assert running.process.stderr is not None
    while b"refused" not in await running.process.stderr.readline():
        pass
    proxy.heal()


@pytest.mark.parametrize(
    ("strike", "source"), [(reset_twice, "file"), (reset_twice, "stdin"), (refuse, "stdin")]
)
async def test_what_is_printed_is_whole_over_a_bad_line(
    strike: Callable[[Streaming, Proxy], Awaitable[None]], source: str, tmp_path: Path
) -> None:
    """In real time, from a file and from a pipe."""
    async with (
        asyncio.timeout(PATIENCE),
        served(verdict=verdict) as endpoint,
        proxied(endpoint.url) as proxy,
    ):
        given = str(write_wav(tmp_path / "audio.wav", AUDIO)) if source == "file" else "-"
        running = await streaming(tmp_path, given, proxy.url)
        piping = asyncio.ensure_future(pipe(running, AUDIO if source == "stdin" else AUDIO[:0]))
        await running.read(6)
        await strike(running, proxy)
        await running.end()
        await piping
    check(running.lines)


async def test_an_endpoint_in_trouble_costs_no_result(tmp_path: Path) -> None:
    """Busy at first, closed with 1011, busy, and well again: told on stderr, whole on stdout."""
    busy = Refusal(429, {"Retry-After": "1"})
    async with (
        asyncio.timeout(PATIENCE),
        served(
            *(busy, closing(1011, after=6), busy, closing(1001, after=4), behave), verdict=verdict
        ) as endpoint,
    ):
        source = str(write_wav(tmp_path / "audio.wav", AUDIO))
        running = await streaming(tmp_path, source, endpoint.url)
        told = await running.end()
    check(running.lines)
    for words in ("internal error (1011)", "too many connections", "trying again in 1 s"):
        assert words in told


async def pipe(running: Streaming, samples: Samples) -> None:
    """Write the audio at once, and close: the program paces itself."""
    stdin = running.process.stdin
    assert stdin is not None
    stdin.write(samples.astype("<i2").tobytes())
    await stdin.drain()
    stdin.close()


async def test_a_file_is_finished_as_long_as_each_connection_gets_on(tmp_path: Path) -> None:
    """However many connections it takes: only attempts without a result count against it."""
    wav = write_wav(tmp_path / "short.wav", AUDIO)
    scripts = [closing(1001, after=4) for _ in range(5)]
    async with served(*scripts, behave, verdict=verdict) as endpoint:
        program = await streaming(tmp_path, str(wav), endpoint.url)
        await program.end()
    assert len(program.lines) == PERIODS
    assert len(endpoint.peers) >= 5
