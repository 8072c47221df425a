"""Between the source that writes and the session that reads."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.monitor.buffer import AudioBuffer
from deeptone_tui.monitor.ring import Ring

T = TypeVar("T")


def filled(samples: int, *, capacity: int = 32 * 1024, live: bool = False) -> AudioBuffer:
    """A buffer in which so many samples were written."""
    buffer = AudioBuffer(Ring(capacity))
    buffer.begin(live=live)
    buffer.write(np.arange(samples).astype(np.int16))
    return buffer


async def soon(waiting: Coroutine[object, object, T]) -> T:
    """What comes without further ado."""
    return await asyncio.wait_for(waiting, 1)


async def never(waiting: Coroutine[object, object, object]) -> bool:
    """Whether something does not come by itself."""
    task = asyncio.ensure_future(waiting)
    for _ in range(5):
        await asyncio.sleep(0)
    pending = not task.done()
    task.cancel()
    await asyncio.wait([task])
    return pending


async def test_audio_comes_in_whole_steps() -> None:
    """The rest waits for its step to fill."""
    buffer = filled(2500)
    chunk = await soon(buffer.read(16 * 1024))
    assert chunk is not None
    assert (chunk.start, chunk.end) == (0, 2048)
    assert await never(buffer.read(1024))


async def test_a_backlog_comes_in_large_chunks() -> None:
    """As large as asked for."""
    chunk = await soon(filled(20 * 1024).read(16 * 1024))
    assert chunk is not None
    assert chunk.end == 16 * 1024


async def test_the_end_gives_what_is_left_and_then_nothing() -> None:
    """The incomplete step too."""
    buffer = filled(1500)
    buffer.finish()
    chunk = await soon(buffer.read(16 * 1024))
    assert chunk is not None
    assert chunk.end == 1500
    assert await soon(buffer.read(1024)) is None
    assert buffer.ended


async def test_a_cut_ends_one_piece_and_begins_another() -> None:
    """No chunk goes over it, and it is told once."""
    buffer = filled(1500)
    buffer.cut()
    buffer.write(np.zeros(3000, dtype=np.int16))
    first, told, second = [await soon(buffer.read(16 * 1024)) for _ in range(3)]
    assert first is not None
    assert first.end == 1500
    assert told is None
    assert second is not None
    assert (second.start, second.end) == (1500, 1500 + 2048)


async def test_going_back_tells_the_same_end_again() -> None:
    """After a lost connection the same piece is sent to its end a second time."""
    buffer = filled(2048)
    buffer.cut()
    buffer.write(np.zeros(2048, dtype=np.int16))
    assert await soon(buffer.read(16 * 1024))
    assert await soon(buffer.read(16 * 1024)) is None
    buffer.move_to(1024)
    again = await soon(buffer.read(16 * 1024))
    assert again is not None
    assert (again.start, again.end) == (1024, 2048)
    assert await soon(buffer.read(16 * 1024)) is None


async def test_a_live_writer_never_waits_and_the_reader_sees_what_it_missed() -> None:
    """The chunk begins where the oldest sample is."""
    buffer = filled(10 * 1024, capacity=4096, live=True)
    await soon(buffer.room(4096))
    chunk = await soon(buffer.read(1024))
    assert chunk is not None
    assert chunk.start == 10 * 1024 - 4096


async def test_a_writer_that_can_wait_stays_half_a_ring_ahead() -> None:
    """The other half stays for reading again."""
    buffer = filled(2048, capacity=4096)
    assert await never(buffer.room(1))
    waiting = asyncio.ensure_future(buffer.room(1024))
    await asyncio.sleep(0)
    assert await soon(buffer.read(1024))
    await asyncio.wait_for(waiting, 1)


@pytest.mark.parametrize("let_go", ["discard", "live"])
async def test_a_writer_is_let_go_when_nobody_reads_any_more(let_go: str) -> None:
    """A refused session, or a live source in its place."""
    buffer = filled(2048, capacity=4096)
    waiting = asyncio.ensure_future(buffer.room(1024))
    await asyncio.sleep(0)
    if let_go == "discard":
        buffer.discard(discarding=True)
    else:
        buffer.begin(live=True)
    await asyncio.wait_for(waiting, 1)


async def test_a_reader_that_waits_can_be_woken_and_one_that_does_not_is_left_alone() -> None:
    """Waking gives an empty chunk, once."""
    buffer = filled(0)
    buffer.wake()
    waiting = asyncio.ensure_future(buffer.read(1024))
    await asyncio.sleep(0)
    assert not waiting.done()
    buffer.wake()
    chunk = await asyncio.wait_for(waiting, 1)
    assert chunk is not None
    assert len(chunk.samples) == 0
    assert await never(buffer.read(1024))


async def test_a_reader_can_be_woken_where_it_waits_for_audio_yet_to_come() -> None:
    """A connection may begin at the next step, ahead of everything captured."""
    buffer = filled(1500, live=True)
    buffer.move_to(2048)
    waiting = asyncio.ensure_future(buffer.read(1024))
    await asyncio.sleep(0)
    buffer.wake()
    chunk = await asyncio.wait_for(waiting, 1)
    assert chunk is not None
    assert (chunk.start, chunk.end) == (2048, 2048)


async def test_more_is_told_when_there_is_audio_and_not_for_an_empty_piece() -> None:
    """A cut or an end without audio is not worth a connection."""
    buffer = filled(2048)
    await soon(buffer.more())
    assert await soon(buffer.read(16 * 1024))
    buffer.cut()
    assert await never(buffer.more())
    buffer.finish()
    assert await never(buffer.more())
    buffer.write(np.zeros(1024, dtype=np.int16))
    await soon(buffer.more())


@given(
    st.lists(st.one_of(st.integers(1, 3000), st.just("cut")), max_size=40),
    st.sampled_from([1024, 4096, 16384]),
)
def test_every_sample_is_read_once_in_order_and_no_chunk_crosses_a_cut(
    writes: list[int | str], at_most: int
) -> None:
    """However the audio comes and is cut."""

    async def run() -> None:
        buffer = AudioBuffer(Ring(1 << 18))
        written, cuts, read = 0, set[int](), 0
        for write in writes:
            if isinstance(write, int):
                buffer.write(np.arange(written, written + write).astype(np.int16))
                written += write
            else:
                buffer.cut()
                cuts |= {written} - {0}
        buffer.finish()
        ends = []
        while not buffer.ended or read < written:
            chunk = await soon(buffer.read(at_most))
            if chunk is None:
                ends.append(read)
                continue
            assert chunk.start == read
            assert not any(chunk.start < cut < chunk.end for cut in cuts)
            assert chunk.samples.tolist() == np.arange(read, chunk.end).astype(np.int16).tolist()
            read = chunk.end
        assert read == written
        assert set(ends) <= cuts

    asyncio.run(run())
