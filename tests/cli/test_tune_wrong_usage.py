"""Whatever is wrongly asked of ``tune``: one line that names it, exit code 2, nothing opened."""

from pathlib import Path

import pytest
from support.programs.program import run_program

from deeptone_tui.cli import main

WRONG: list[tuple[list[str], str]] = [
    ([], "SOURCE: "),
    (["-", "-"], "only once"),
    (["mic", "-"], "from one source only"),
    (["ftp://host/a.wav"], "SOURCE: ftp://"),
    (["tcp://host"], "SOURCE: "),
    (["demo", "--jobs", "0"], "--jobs: "),
    (["demo", "--seconds", "5"], "--seconds: only for live audio"),
    (["-", "--seconds", "0"], "--seconds: "),
    (["demo", "--sample-rate", "8000"], "only for raw PCM"),
    (["-", "--channel", "2"], "--channel: "),
    (["demo", "--device", "USB"], "--device: none of the sources is mic"),
    (["demo", "--plot", "curve.jpg"], "must end in .svg"),
    (["demo", "--plot", "/nowhere/curve.svg"], "there is no folder /nowhere"),
    (["demo", "--label", "/nowhere/a.csv"], "--label: /nowhere/a.csv: no such file"),
    (["demo", "x.wav", "--label", "a.csv"], "a file is for a single source"),
    (["demo", "--no-models", "--url", "ws://host/stream"], "--no-models: "),
    (["demo", "--jobs", "2", "--url", "ws://host/stream"], "--jobs: "),
    (["demo", "--output-period", "100"], "--output-period: "),
    (["demo", "--output-period", "0"], "--output-period: "),
    (["demo", "--volume-threshold", "0.1"], "--volume-threshold"),
]


@pytest.mark.parametrize(("words", "line"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_it_is_told_in_one_line(
    words: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what is allowed."""
    assert main(["tune", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert line in captured.err


def test_labels_that_cannot_be_used_are_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Found out before any audio is opened."""
    place = tmp_path / "a.csv"
    place.write_text("1,2\nthree,4\n")
    assert main(["tune", "demo", "--label", str(place)]) == 2
    assert f"{place}:2: 'three' is no number of seconds" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert main(["tune", "demo", "--label", str(tmp_path / "empty")]) == 2
    assert "no labels for any of the sources" in capsys.readouterr().err


def test_help_is_light(tmp_path: Path) -> None:
    """No numpy, no models, no processes."""
    done = run_program(tmp_path, "tune", "--help", env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert done.returncode == 0
    assert b"--label" in done.stdout
    imported = {line.rpartition(b"|")[2].strip().decode() for line in done.stderr.splitlines()}
    heavy = {"numpy", "soundfile", "onnxruntime", "aiohttp", "asyncio", "multiprocessing"}
    assert not imported & heavy
