"""Lines for a reader that stands still, goes on, or goes away."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.programs.pipes import emptied, full_pipe

from deeptone_tui.core.line_writer import Diagnostics, LineWriter, place_of, writer_on

PATIENCE = 20.0
SOON = 0.01

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe that is full."""
    with full_pipe() as ends:
        yield ends


@pytest.mark.parametrize("direct", [True, False])
def test_a_line_that_is_taken_is_written(*, direct: bool) -> None:
    """At once, or by the thread; in order."""
    reading, writing = os.pipe()
    writer = LineWriter(writing, direct=direct)
    for number in range(100):
        assert writer.put(b"%d\n" % number)
    assert writer.flush(PATIENCE)
    assert emptied(reading) == b"".join(b"%d\n" % number for number in range(100))
    assert writer.close(PATIENCE)
    os.close(writing)
    assert os.read(reading, 1) == b""  # its copy is closed too
    os.close(reading)


@pytest.mark.parametrize("direct", [True, False])
def test_nobody_waits_for_a_reader_that_stands_still(
    pipe: tuple[int, int], *, direct: bool
) -> None:
    """Lines wait up to a bound; what comes later finds no room, and nothing is written in part."""
    reading, writing = pipe
    writer = LineWriter(writing, most_bytes=1000, direct=direct)
    taken = sum(writer.put(bytes([65 + number]) * 99 + b"\n") for number in range(20))
    assert taken == writer.waiting == 10
    assert not writer.flush(SOON)
    read = emptied(reading)
    assert writer.flush(PATIENCE)
    assert (read + emptied(reading)).splitlines() == [bytes([65 + n]) * 99 for n in range(10)]
    assert writer.put(b"again\n")
    assert writer.close(PATIENCE)
    assert emptied(reading) == b"again\n"


def test_a_line_that_is_longer_than_the_bound_is_written_alone() -> None:
    """A result may be as long as it likes."""
    reading, writing = os.pipe()
    writer = LineWriter(writing, most_bytes=10)
    assert writer.put(b"x" * 20_000)
    assert writer.flush(PATIENCE)
    assert len(emptied(reading)) == 20_000
    writer.close(PATIENCE)
    os.close(reading)
    os.close(writing)


def test_what_was_left_out_is_told_where_it_is_missing(pipe: tuple[int, int]) -> None:
    """For people; a program that reads results is told by the exit code."""
    reading, writing = pipe
    writer = LineWriter(writing, most_bytes=20, lossy=True)
    for number in range(10):
        writer.put(b"%09d\n" % number)
    read = emptied(reading)
    assert writer.flush(PATIENCE)
    writer.put(b"and now\n")
    assert writer.close(PATIENCE)
    read += emptied(reading)
    assert b"\ndeeptone-tui: 8 lines omitted here\nand now\n" in read


@pytest.mark.parametrize("direct", [True, False])
def test_a_reader_that_goes_away_is_an_error_for_who_cares(*, direct: bool) -> None:
    """And none for who does not."""
    reading, writing = os.pipe()
    strict = LineWriter(writing, direct=direct)
    careless = LineWriter(writing, lossy=True, direct=direct)
    os.close(reading)
    with contextlib.suppress(BrokenPipeError):  # by the thread it is known a little later
        strict.put(b"line\n")
    with pytest.raises(BrokenPipeError):
        strict.flush(PATIENCE)
    for _ in range(3):
        careless.put(b"line\n")
        assert careless.flush(PATIENCE)
    strict.close(SOON)
    assert careless.close(PATIENCE)
    os.close(writing)


def test_a_reader_that_made_the_pipe_unblocking_is_waited_for(pipe: tuple[int, int]) -> None:
    """Node and ssh do so to a pipe that they share."""
    reading, writing = pipe
    os.set_blocking(writing, False)
    writer = LineWriter(writing)
    assert writer.put(b"line\n")
    read = emptied(reading)  # which may find the line already
    assert writer.close(PATIENCE)
    assert (read + emptied(reading)).endswith(b"line\n")


def test_diagnostics_wait_once_for_a_reader_that_stands_still(pipe: tuple[int, int]) -> None:
    """As long as something waits, more is only queued."""
    _, writing = pipe
    with os.fdopen(os.dup(writing), "w") as stream:
        diagnostics = Diagnostics(stream)
        diagnostics.say("first\n", SOON)
        for _ in range(100):
            diagnostics.say("more\n", PATIENCE)  # would take minutes
            diagnostics.draw("picture")
        diagnostics.close(SOON)


def test_diagnostics_go_where_the_stream_leads_now(tmp_path: Path) -> None:
    """Two streams on one file are one place."""
    path = tmp_path / "log"
    with path.open("w") as one, path.open("a") as other, (tmp_path / "else").open("w") as third:
        assert place_of(one) == place_of(other) != place_of(third)
        diagnostics = Diagnostics(one)
        diagnostics.say("a\udc80é\n")
        diagnostics.close(PATIENCE)
    assert path.read_bytes() == b"a\\udc80\xc3\xa9\n"
    assert writer_on(None) is None
    Diagnostics(None).say("nothing")
