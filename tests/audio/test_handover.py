"""From PortAudio's thread to the loop: bounded, counted, never waiting."""

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.audio.microphone import BlockQueue


async def test_pieces_come_in_order_from_another_thread() -> None:
    """A reader that waits is woken for each piece."""
    handover = BlockQueue(asyncio.get_running_loop(), 1000)

    def write() -> None:
        for i in range(200):
            handover.put(bytes([i]), 1, False)
        handover.end()

    thread = threading.Thread(target=write)
    thread.start()
    taken = []
    while piece := await asyncio.wait_for(handover.take(), 5):
        taken.append(piece.data[0])
    thread.join()
    assert taken == list(range(200))


@given(st.integers(1, 6), st.lists(st.one_of(st.integers(1, 50), st.none()), max_size=60))
def test_every_frame_is_taken_or_counted(capacity: int, moves: list[int | None]) -> None:
    """However puts (frames) and takes (None) mix, frames taken and lost add up, in order."""

    async def run() -> None:
        handover = BlockQueue(asyncio.get_running_loop(), capacity)
        put = taken = 0
        for move in moves:
            if move is not None:
                handover.put(put.to_bytes(4), move, False)
                put += move
            elif taken < put:
                piece = await handover.take()
                assert piece is not None
                taken += piece.lost
                assert int.from_bytes(piece.data) == taken  # it begins where the loss ends
                taken += piece.frames
        handover.end()
        while piece := await handover.take():
            taken += piece.lost + piece.frames
        assert taken == put

    asyncio.run(run())


async def test_an_overflow_of_a_dropped_piece_is_still_told() -> None:
    """The flag moves to the piece after the gap."""
    handover = BlockQueue(asyncio.get_running_loop(), 1)
    handover.put(b"a", 10, True)
    handover.put(b"b", 10, False)
    piece = await handover.take()
    assert piece is not None
    assert (piece.data, piece.lost, piece.overflowed) == (b"b", 10, True)


def test_a_closed_loop_is_no_error() -> None:
    """The device may call back once more after the loop has gone."""
    loop = asyncio.new_event_loop()
    handover = BlockQueue(loop, 2)
    loop.close()
    handover.put(b"", 0, False)
    handover.end()


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
    handover = BlockQueue(asyncio.get_running_loop(), 2)
    handover.end()
    handover.put(b"x", 1, False)
    assert await handover.take() is None
