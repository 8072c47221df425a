"""Between the source that writes and the session that reads."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.monitor.buffer import AudioBuffer
from deeptone_tui.monitor.ring import Dropped, Ring

T = TypeVar("T")


class Shelf:
    """A buffer in which so many samples were written, and a cursor at its beginning."""

    def __init__(self, samples: int, *, capacity: int = 32 * 1024, live: bool = False) -> None:
        self.dropped: list[Dropped] = []
        self.buffer = AudioBuffer(Ring(capacity), self.dropped.append)
        self.buffer.begin(live=live)
        self.buffer.write(np.arange(samples).astype(np.int16))
        self.cursor = self.buffer.cursor(0, period=2048)


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
    shelf = Shelf(2500)
    chunk = await soon(shelf.cursor.read(16 * 1024))
    assert chunk is not None
    assert (chunk.start, chunk.end) == (0, 2048)
    assert await never(shelf.cursor.read(1024))


async def test_a_backlog_comes_in_large_chunks() -> None:
    """As large as asked for."""
    chunk = await soon(Shelf(20 * 1024).cursor.read(16 * 1024))
    assert chunk is not None
    assert chunk.end == 16 * 1024


async def test_the_end_gives_what_is_left_and_then_nothing() -> None:
    """The incomplete step too."""
    shelf = Shelf(1500)
    shelf.buffer.finish()
    chunk = await soon(shelf.cursor.read(16 * 1024))
    assert chunk is not None
    assert chunk.end == 1500
    assert await soon(shelf.cursor.read(1024)) is None
    assert shelf.buffer.ended(1500)


async def test_a_cut_ends_one_piece_and_another_cursor_reads_the_next() -> None:
    """No chunk goes over it."""
    shelf = Shelf(1500)
    shelf.buffer.cut()
    shelf.buffer.write(np.zeros(3000, dtype=np.int16))
    first, told = [await soon(shelf.cursor.read(16 * 1024)) for _ in range(2)]
    second = await soon(shelf.buffer.cursor(1500, period=2048).read(16 * 1024))
    assert first is not None
    assert first.end == 1500
    assert told is None
    assert second is not None
    assert (second.start, second.end) == (1500, 1500 + 2048)
    assert shelf.buffer.piece_start(3000) == 1500


async def test_another_cursor_reads_the_same_again() -> None:
    """After a lost connection the piece is sent to its end a second time."""
    shelf = Shelf(2048)
    shelf.buffer.cut()
    shelf.buffer.write(np.zeros(2048, dtype=np.int16))
    assert await soon(shelf.cursor.read(16 * 1024))
    assert await soon(shelf.cursor.read(16 * 1024)) is None
    shelf.cursor.close()
    cursor = shelf.buffer.cursor(1024, period=2048)
    again = await soon(cursor.read(16 * 1024))
    assert again is not None
    assert (again.start, again.end) == (1024, 2048)
    assert await soon(cursor.read(16 * 1024)) is None


async def test_two_cursors_read_side_by_side() -> None:
    """As while one connection takes over from another."""
    shelf = Shelf(8 * 1024)
    other = shelf.buffer.cursor(2048, period=2048)
    chunks = [await soon(cursor.read(4096)) for cursor in (shelf.cursor, other)]
    assert [(c.start, c.end) for c in chunks if c] == [(0, 4096), (2048, 6144)]


async def test_a_live_writer_never_waits_and_what_had_to_go_is_told() -> None:
    """The piece ends for who was reading there; another cursor begins at what is left."""
    shelf = Shelf(10 * 1024, capacity=4096, live=True)
    await soon(shelf.buffer.room(4096))
    assert [(span.start, span.end) for span in shelf.dropped] == [
        (start, start + 1024) for start in range(0, 6 * 1024, 1024)
    ]
    assert await soon(shelf.cursor.read(1024)) is None
    assert shelf.buffer.available(0) == 6 * 1024


async def test_what_was_read_goes_before_what_was_not() -> None:
    """It is on its way; if it does not arrive, it cannot be sent again."""
    shelf = Shelf(4096, capacity=4096, live=True)
    await soon(shelf.cursor.read(2048))
    shelf.buffer.write(np.zeros(2048, dtype=np.int16))
    assert not shelf.dropped
    assert shelf.buffer.available(0) == 2048


async def test_a_writer_that_can_wait_stays_half_a_ring_ahead() -> None:
    """So that there is something to go on with, and something to go back to."""
    shelf = Shelf(2048, capacity=4096)
    assert await never(shelf.buffer.room(1))
    waiting = asyncio.ensure_future(shelf.buffer.room(1024))
    await asyncio.sleep(0)
    assert await soon(shelf.cursor.read(1024))
    await asyncio.wait_for(waiting, 1)


async def test_a_writer_that_can_wait_keeps_what_is_not_settled() -> None:
    """All of it may have to be sent again."""
    shelf = Shelf(15 * 1024, capacity=16 * 1024)
    await soon(shelf.cursor.read(15 * 1024))
    assert await never(shelf.buffer.room(1024))
    waiting = asyncio.ensure_future(shelf.buffer.room(1024))
    await asyncio.sleep(0)
    shelf.buffer.settle(1024)
    await asyncio.wait_for(waiting, 1)


async def test_a_writer_does_not_wait_for_results_that_are_rarer_than_the_ring_is_long() -> None:
    """It would wait for ever: the result needs audio that is yet to be written."""
    shelf = Shelf(3 * 1024, capacity=4096)
    cursor = shelf.buffer.cursor(0, period=64 * 1024)
    await soon(cursor.read(3 * 1024))
    await soon(shelf.buffer.room(1024))


@pytest.mark.parametrize("let_go", ["discard", "live"])
async def test_a_writer_is_let_go_when_nobody_reads_any_more(let_go: str) -> None:
    """A refused session, or a live source in its place."""
    shelf = Shelf(2048, capacity=4096)
    waiting = asyncio.ensure_future(shelf.buffer.room(1024))
    await asyncio.sleep(0)
    if let_go == "discard":
        shelf.buffer.discard(discarding=True)
    else:
        shelf.buffer.begin(live=True)
    await asyncio.wait_for(waiting, 1)


async def test_a_reader_that_waits_can_be_woken_and_one_that_does_not_is_left_alone() -> None:
    """Waking gives an empty chunk, once."""
    shelf = Shelf(0)
    shelf.cursor.wake()
    waiting = asyncio.ensure_future(shelf.cursor.read(1024))
    await asyncio.sleep(0)
    assert not waiting.done()
    shelf.cursor.wake()
    chunk = await asyncio.wait_for(waiting, 1)
    assert chunk is not None
    assert len(chunk.samples) == 0
    assert await never(shelf.cursor.read(1024))


async def test_a_reader_can_wait_for_audio_yet_to_come() -> None:
    """A connection may begin at the next step, ahead of everything captured."""
    shelf = Shelf(1500, live=True)
    waiting = asyncio.ensure_future(shelf.buffer.cursor(2048, period=2048).read(1024))
    await asyncio.sleep(0)
    assert not waiting.done()
    shelf.buffer.write(np.zeros(2000, dtype=np.int16))
    chunk = await asyncio.wait_for(waiting, 1)
    assert chunk is not None
    assert (chunk.start, chunk.end) == (2048, 3072)


async def test_more_is_told_when_there_is_audio_and_not_for_an_empty_piece() -> None:
    """A cut or an end without audio is not worth a connection."""
    buffer = Shelf(2048).buffer
    await soon(buffer.more(0))
    buffer.cut()
    assert await never(buffer.more(2048))
    buffer.finish()
    assert await never(buffer.more(2048))
    buffer.write(np.zeros(1024, dtype=np.int16))
    await soon(buffer.more(2048))


async def test_the_end_of_the_source_ends_the_waiting_for_more() -> None:
    """There is none, and there will be none."""
    buffer = Shelf(2048).buffer
    waiting = asyncio.ensure_future(buffer.more(2048))
    await asyncio.sleep(0)
    buffer.finish()
    assert not await asyncio.wait_for(waiting, 1)


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
        while not buffer.ended(read):
            cursor = buffer.cursor(read, period=2048)
            while (chunk := await soon(cursor.read(at_most))) is not None:
                assert chunk.start == read
                assert not any(chunk.start < cut < chunk.end for cut in cuts)
                expected = np.arange(read, chunk.end).astype(np.int16)
                assert chunk.samples.tolist() == expected.tolist()
                read = chunk.end
            cursor.close()
            assert read in cuts | {written}
        assert read == written

    asyncio.run(run())
