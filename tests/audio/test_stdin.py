"""Raw PCM on stdin: pipes, files, and what is no audio at all."""

import asyncio
import os
import pty
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from support.sources.heard import all_of, failure_of
from support.sources.sounds import noise

from deeptone_tui.audio import SourceKind, SourceOptions, SourceSpec, open_source
from deeptone_tui.audio.source import Source


def stdin(descriptor: int, *, realtime: bool = False) -> Source:
    """The source of ``-`` over another descriptor than the test's own stdin."""
    options = SourceOptions(realtime=realtime, stdin_fd=descriptor)
    return open_source(SourceSpec(SourceKind.STDIN), options)


async def failure(descriptor: int) -> str:
    """What it fails with, at the first block or before."""
    source = stdin(descriptor, realtime=True)
    words = await failure_of(source)
    assert not source.info.live  # what has failed cannot be waited for
    return words


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe's two ends."""
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue


async def test_everything_written_to_a_pipe_is_delivered(pipe: tuple[int, int]) -> None:
    """More than the pipe holds, in odd pieces, while the writer has to wait for us."""
    played = noise(200_000)

    def write() -> None:
        data = played.tobytes()
        for begin in range(0, len(data), 4097):
            os.write(pipe[1], data[begin : begin + 4097])
        os.close(pipe[1])

    writer = threading.Thread(target=write)
    writer.start()
    assert np.array_equal(await all_of(stdin(pipe[0])), played)
    writer.join(5)


async def test_a_consumer_that_waits_holds_up_the_writer(pipe: tuple[int, int]) -> None:
    """What is not taken waits in the pipe; only a bounded part of it is read ahead."""
    source = stdin(pipe[0])
    await source.open()
    blocks = source.blocks()
    os.write(pipe[1], bytes(1000))
    await anext(blocks)
    os.set_blocking(pipe[1], False)
    written = 0
    for _ in range(60):
        try:
            written += os.write(pipe[1], bytes(16_384))
        except BlockingIOError:
            await asyncio.sleep(0.005)
    assert written < 500_000
    await source.close()


async def test_a_pipe_is_left_as_it_was(pipe: tuple[int, int]) -> None:
    """Others may share it: it stays open and blocking."""
    source = stdin(pipe[0])
    await source.open()
    assert not os.get_blocking(pipe[0])
    await source.close()
    await asyncio.sleep(0)
    assert os.get_blocking(pipe[0])
    os.write(pipe[1], b"later")
    assert os.read(pipe[0], 5) == b"later"


async def test_closing_ends_a_wait_for_a_quiet_sender(pipe: tuple[int, int]) -> None:
    """Nothing is sent, and nobody is kept."""
    source = stdin(pipe[0], realtime=True)
    await source.open()

    async def wait() -> int:
        return len([block async for block in source.blocks()])

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0.01)
    await source.close()
    assert await asyncio.wait_for(waiting, 5) == 0


async def test_a_file_redirected_to_stdin_is_read_to_its_end(tmp_path: Path) -> None:
    """A regular file cannot be waited for like a pipe."""
    played = noise(100_000)
    path = tmp_path / "noise.raw"
    path.write_bytes(played.tobytes())
    with path.open("rb") as file:
        assert np.array_equal(await all_of(stdin(file.fileno())), played)
        assert not file.closed


async def test_what_is_no_audio_is_said_in_words(tmp_path: Path, pipe: tuple[int, int]) -> None:
    """A terminal, a folder, nothing, an end without a byte, a descriptor only for writing."""
    ours, theirs = pty.openpty()
    try:
        assert "stdin is the terminal, not audio; pipe it in: arecord" in await failure(theirs)
    finally:
        os.close(ours)
        os.close(theirs)
    folder = os.open(tmp_path, os.O_RDONLY)
    assert "stdin is a folder" in await failure(folder)
    os.close(folder)
    assert "nothing is connected to stdin" in await failure(folder)
    nothing = os.open(os.devnull, os.O_RDONLY)
    assert "no audio came from stdin" in await failure(nothing)
    os.close(nothing)
    out = os.open(tmp_path / "out", os.O_WRONLY | os.O_CREAT)
    assert "stdin cannot be read any more" in await failure(out)
    os.close(out)
    os.close(pipe[1])
    assert "no audio came from stdin" in await failure(pipe[0])
