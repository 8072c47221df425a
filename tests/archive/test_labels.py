"""True speech segments from files, and the steps that they make speech."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.archive.recordings import LabelError, Segment, labels_for, read_labels, truth_of
from deeptone_tui.tuning import OTHER, SPEECH, UNKNOWN


def write(folder: Path, name: str, text: str) -> Path:
    """A label file."""
    place = folder / name
    place.write_text(text, encoding="utf-8")
    return place


@pytest.mark.parametrize(
    "text",
    [
        "0.5,1.5\n2,3\n",
        "\ufeffstart,end,label\n0.5,1.5,anna\n2.0,3.0,speech\n4,5,noise\n",
        "0.500000\t1.500000\tanna\n\n2.0\t3.0\t\n",
        "# by hand\n0.5;1.5;speech\n2;3\n4;5;Music\n",
    ],
)
def test_tables_of_every_cut_are_read(tmp_path: Path, text: str) -> None:
    """Commas, semicolons or tabs, a header or none; what is labelled as noise is not speech."""
    found = read_labels(write(tmp_path, "a.csv", text), "a")
    assert found == [Segment(0.5, 1.5), Segment(2.0, 3.0)]


def test_rttm_is_read_by_the_name_of_the_recording(tmp_path: Path) -> None:
    """Start and length; several recordings in one file; where nobody is to judge is unknown."""
    text = (
        ";; a comment\n"
        "SPEAKER a 1 0.5 1.0 <NA> <NA> anna <NA> <NA>\n"
        "NOSCORE a 1 2.0 1.0 <NA> <NA> <NA> <NA> <NA>\n"
        "SPKR-INFO a 1 <NA> <NA> <NA> unknown anna <NA> <NA>\n"
        "SPEAKER b 1 7 1 <NA> <NA> bert <NA> <NA>\n"
    )
    place = write(tmp_path, "all.rttm", text)
    assert read_labels(place, "a") == [Segment(0.5, 1.5), Segment(2.0, 3.0, UNKNOWN)]
    with pytest.raises(LabelError, match="none of which is called c"):
        read_labels(place, "c")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "1,2\n2,1\n", "a.csv:2: a segment cannot go from 2 s to 1 s"),
        ("a.csv", "1,2\nx,1\n", "a.csv:2: 'x' is no number"),
        ("a.csv", "1,nan\n", "a.csv:1: 'nan' is no number"),
        ("a.csv", "1\n", "a.csv:1: start and end"),
        ("a.rttm", "SPEAKER a\n", "a.rttm:1: is no line of RTTM"),
        ("a.rttm", "SPEAKER a 1 1e308 1e308\n", "cannot go from 1e+308 s to inf s"),
        ("a.csv", "1e400,2\n1e400,2\n", "'1e400' is no number"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    """File, number of the line, and what is allowed."""
    with pytest.raises(LabelError) as raised:
        read_labels(write(tmp_path, name, text), "a")
    assert words in str(raised.value)


def test_files_that_are_none_are_told(tmp_path: Path) -> None:
    """Not there, or not text."""
    with pytest.raises(LabelError, match="no such file"):
        read_labels(tmp_path / "none.csv", "none")
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LabelError, match="not a text file"):
        read_labels(tmp_path / "b.csv", "b")


@pytest.mark.parametrize("line", ["1,2\n" * 500_001, "1,2" + "," * 5000], ids=["many", "long"])
def test_more_than_anybody_marks_is_no_labels(tmp_path: Path, line: str) -> None:
    """A few bytes of it would take hundreds of megabytes."""
    with pytest.raises(LabelError, match=r"a\.csv: has more lines, or longer ones"):
        read_labels(write(tmp_path, "a.csv", line), "a")


def test_labels_are_found_by_the_stem(tmp_path: Path) -> None:
    """Of the same name, whatever the ending."""
    place = write(tmp_path, "a.tsv", "")
    assert labels_for(tmp_path, "a") == place
    assert labels_for(tmp_path, "b") is None


def test_a_step_is_what_half_of_it_is() -> None:
    """64 ms each: 0.032 s of the first is half, 0.030 s of the third is not."""
    truth = truth_of([Segment(0.032, 0.128), Segment(0.162, 0.192)], 5)
    assert truth.tolist() == [SPEECH, SPEECH, OTHER, OTHER, OTHER]
    assert truth_of([Segment(0, 1, UNKNOWN), Segment(0.064, 0.128)], 3).tolist() == [
        UNKNOWN,
        SPEECH,
        UNKNOWN,
    ]
    assert truth_of([], 2).tolist() == [OTHER, OTHER]


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 20)), max_size=12))
def test_whole_steps_are_exact_however_segments_overlap(spans: list[tuple[int, int]]) -> None:
    """Segments that begin and end with steps mark just these."""
    expected = np.zeros(100, np.int8)
    for first, length in spans:
        expected[first : first + length] = SPEECH
    segments = [Segment(0.064 * first, 0.064 * (first + length)) for first, length in spans]
    assert truth_of(segments, 100).tolist() == expected.tolist()
