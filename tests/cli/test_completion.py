"""What the shell is offered, by its own script's way of asking."""

from pathlib import Path

import pytest
from support.program import run_program

from deeptone_tui.cli import main


def offered(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> list[str]:
    """The values offered for the last of the words, as bash gets them."""
    monkeypatch.setenv("_DEEPTONE_TUI_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split(" ")) - 1))
    assert main([]) == 0
    return capsys.readouterr().out.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("deeptone-tui de", ["plain,devices", "plain,demo", "file,de"]),
        ("deeptone-tui str", ["plain,stream", "file,str"]),
        ("deeptone-tui --out", ["plain,--output-period"]),
        ("deeptone-tui --vers", ["plain,--version"]),
        ("deeptone-tui --rec", ["plain,--record"]),
        ("deeptone-tui stream demo --record tal", ["dir,tal"]),
        ("deeptone-tui --th", ["plain,--theme"]),
        ("deeptone-tui rep", ["plain,replay", "file,rep"]),
        ("deeptone-tui replay rec", ["dir,rec"]),
        ("deeptone-tui replay --pl", ["plain,--plain"]),
        ("deeptone-tui stream --fa", ["plain,--fast"]),
        ("deeptone-tui demo --models speec", ["plain,speech-rt", "plain,speech"]),
        ("deeptone-tui stream --models gender,speech-", ["plain,gender,speech-rt"]),
        ("deeptone-tui stream --models speech-rt,speech-", []),
        ("deeptone-tui completion z", ["plain,zsh"]),
        ("deeptone-tui stream rec", ["file,rec"]),
        ("deeptone-tui serve --id", ["plain,--idle-timeout"]),
    ],
)
def test_words_offered(
    words: str,
    expected: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Commands, options, models, sources and files."""
    assert offered(words, monkeypatch, capsys) == expected


def test_an_empty_word_offers_commands_and_sources(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All that can stand first."""
    found = offered("deeptone-tui ", monkeypatch, capsys)
    assert {"plain,serve", "plain,stream", "plain,mic", "plain,tcp://"} <= set(found)


@pytest.mark.system("bash")
def test_bash_takes_the_script(tmp_path: Path) -> None:
    """The script is what bash can read."""
    import subprocess  # noqa: PLC0415  this test only

    script = run_program(tmp_path, "completion", "bash")
    assert script.returncode == 0
    done = subprocess.run(
        ["bash", "-c", f"{script.stdout.decode()}\ncomplete -p deeptone-tui"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert b"_deeptone_tui_completion" in done.stdout


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_their_scripts(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each in its own words."""
    assert main(["completion", shell]) == 0
    assert f"{shell}_complete" in capsys.readouterr().out
