"""What is seen of bytes that take long to parse."""

from typing import Any

import pytest

from deeptone_tui.endpoint.server.scheduler import TimedFrameParser


class Toiling:
    """A parser that takes its time for every byte."""

    def __init__(self, seconds_a_byte: float) -> None:
        self.now = 0.0
        self.fed = b""
        self._seconds_a_byte = seconds_a_byte

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """Take it."""
        self.now += len(data) * self._seconds_a_byte
        self.fed += data
        if data == bytes(300):
            raise ValueError("no frame")
        return False, b""

    def feed_eof(self) -> str:
        """Something else that parsers do."""
        return "the end"


@pytest.mark.parametrize(
    ("nanoseconds", "size", "slow"),
    [(0.5, 16_384, False), (16.0, 16_384, True), (16.0, 512, False), (500.0, 20, False)],
)
def test_what_takes_long_for_its_size_is_told(nanoseconds: float, size: int, slow: bool) -> None:
    """Frames of audio do not, fragments of a byte do, and what is small is no matter."""
    inner: Any = Toiling(nanoseconds * 1e-9)
    told: list[tuple[float, bool]] = []
    parser = TimedFrameParser(inner, lambda *parsed: told.append(parsed), lambda: inner.now)
    assert parser.feed_data(bytes(size)) == (False, b"")
    assert inner.fed == bytes(size)
    assert told == [(pytest.approx(size * nanoseconds * 1e-9), slow)]


def test_it_is_the_parser_in_everything_else() -> None:
    """What that raises included."""
    inner: Any = Toiling(1.0)
    told: list[bool] = []
    parser = TimedFrameParser(inner, lambda _, slow: told.append(slow), lambda: inner.now)
    assert parser.feed_eof() == "the end"  # type: ignore[operator]  # as aiohttp calls it
    with pytest.raises(ValueError, match="no frame"):
        parser.feed_data(bytes(300))
    assert told == [True]
