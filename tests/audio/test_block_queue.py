"""From PortAudio's thread to the loop: bounded, counted, never waiting."""

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.audio.microphone import BlockQueue


async def test_blocks_come_in_order_from_another_thread() -> None:
    """A reader that waits is woken for each block."""
    queue = BlockQueue(asyncio.get_running_loop(), 1000)

    def write() -> None:
        for i in range(200):
            queue.put(bytes([i]), 1, False)
        queue.end()

    thread = threading.Thread(target=write)
    thread.start()
    taken = []
    while block := await asyncio.wait_for(queue.take(), 5):
        taken.append(block.data[0])
    thread.join()
    assert taken == list(range(200))


@given(st.integers(1, 6), st.lists(st.one_of(st.integers(1, 50), st.none()), max_size=60))
def test_every_frame_is_taken_or_counted(capacity: int, moves: list[int | None]) -> None:
    """However puts (frames) and takes (None) mix, frames taken and lost add up, in order."""

    async def run() -> None:
        queue = BlockQueue(asyncio.get_running_loop(), capacity)
        put = taken = 0
        for move in moves:
            if move is not None:
                queue.put(put.to_bytes(4), move, False)
                put += move
            elif taken < put:
                block = await queue.take()
                assert block is not None
                taken += block.lost
                assert int.from_bytes(block.data) == taken  # it begins where the loss ends
                taken += block.frames
        queue.end()
        while block := await queue.take():
            taken += block.lost + block.frames
        assert taken == put

    asyncio.run(run())


async def test_an_overflow_of_a_dropped_block_is_still_told() -> None:
    """The flag moves to the block after the gap."""
    queue = BlockQueue(asyncio.get_running_loop(), 1)
    queue.put(b"a", 10, True)
    queue.put(b"b", 10, False)
    block = await queue.take()
    assert block is not None
    assert (block.data, block.lost, block.overflowed) == (b"b", 10, True)


def test_a_closed_loop_is_no_error() -> None:
    """The device may call back once more after the loop has gone."""
    loop = asyncio.new_event_loop()
    queue = BlockQueue(loop, 2)
    loop.close()
    queue.put(b"", 0, False)
    queue.end()


class _BrokenLoop(asyncio.SelectorEventLoop):
    """An open loop that refuses."""

    def call_soon_threadsafe(self, *_args: object, **_options: object) -> asyncio.Handle:
        """Fail for another reason than being closed."""
        raise RuntimeError("something else")


def test_any_other_error_is_not_hidden() -> None:
    """Only the closed loop is forgiven."""
    loop = _BrokenLoop()
    try:
        with pytest.raises(RuntimeError, match="something else"):
            BlockQueue(loop, 2).put(b"", 0, False)
    finally:
        loop.close()


async def test_nothing_is_taken_in_after_the_end() -> None:
    """Callbacks that still come do not pile up."""
    queue = BlockQueue(asyncio.get_running_loop(), 2)
    queue.end()
    queue.put(b"x", 1, False)
    assert await queue.take() is None
