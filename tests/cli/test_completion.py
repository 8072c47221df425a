"""What the shell is offered, by its own script's way of asking."""

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.audio import InputDevice
from deeptone_tui.cli import main
from deeptone_tui.cli.completion import split_words


@pytest.fixture
def offered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], list[str]]:
    """The values offered for the last of some words, as bash gets them."""

    def offered(words: str) -> list[str]:
        monkeypatch.setenv("_DEEPTONE_TUI_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_LINE", words)
        assert main([]) == 0
        return capsys.readouterr().out.split()

    return offered


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("deeptone-tui de", ["plain,devices", "plain,demo", "file,de"]),
        ("deeptone-tui --out", ["plain,--output-period"]),
        ("deeptone-tui stream demo --record tal", ["dir,tal"]),
        ("deeptone-tui rep", ["plain,replay", "file,rep"]),
        ("deeptone-tui replay rec", ["dir,rec"]),
        ("deeptone-tui demo --models speec", ["plain,speech-rt", "plain,speech"]),
        ("deeptone-tui stream --models gender,speech-", ["plain,gender,speech-rt"]),
        ("deeptone-tui stream --models speech-rt,speech-", []),
        ("deeptone-tui completion z", ["plain,zsh"]),
        ("deeptone-tui stream rec", ["file,rec"]),
        ("deeptone-tui serve --id", ["plain,--idle-timeout"]),
        ("deeptone-tui --theme deep", ["plain,deeptone-dark", "plain,deeptone-light"]),
        ("deeptone-tui --theme=nor", ["plain,--theme=nord"]),
        ("deeptone-tui stream demo --profile d", ["plain,desk", "plain,door"]),
        ("deeptone-tui stream demo --profile=do", ["plain,--profile=door"]),
        ("deeptone-tui --config none.toml --profile d", []),
        ("deeptone-tui --url lo", ["plain,local"]),
        ("deeptone-tui --record=tal", ["dir,--record=tal"]),
        ("deeptone-tui tune demo > ", ["file,"]),
        ("LANG=C deeptone-tui ser", ["plain,serve", "file,ser"]),
        ("deeptone-tui tune tcp:", ["plain,tcp://"]),
    ],
)
def test_words_offered(
    words: str,
    expected: list[str],
    offered: Callable[[str], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Commands, options, their values, the profiles of the configuration that is meant, files."""
    (tmp_path / "own.toml").write_text("[profiles.desk]\n[profiles.door]\n[profiles.hall]\n")
    monkeypatch.setenv("DEEPTONE_CONFIG", str(tmp_path / "own.toml"))
    assert [each for each in offered(words) if each != "plain,deeptone-ansi"] == expected


def test_an_empty_word_offers_commands_and_sources(offered: Callable[[str], list[str]]) -> None:
    """All that can stand first."""
    found = offered("deeptone-tui ")
    assert {"plain,serve", "plain,stream", "plain,mic", "plain,tcp://"} <= set(found)


DEVICES = ["USB Mic", "two\nlines"]


@pytest.mark.parametrize(
    ("shell", "line", "expected"),
    [
        ("bash", "deeptone-tui --device U", "plain,USB Mic"),
        ("bash", 'deeptone-tui --device "U', "plain,USB Mic"),
        ("bash", r"deeptone-tui --device t", r"plain,two\nlines"),
        ("bash", "deeptone-tui --device=U", "plain,--device=USB Mic"),
        ("zsh", "deeptone-tui --device=U", "plain,USB Mic\t"),
        ("fish", "deeptone-tui --device=U", "plain,--device=USB Mic\t"),
        ("fish", "deeptone-tui demo --url lo", "plain,local\tstarted on this machine"),
    ],
)
def test_each_shell_is_answered_in_its_form(
    shell: str,
    line: str,
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing ends a line or a field but its end, and no notice stands in what is typed."""
    devices = [InputDevice(name, "ALSA", 1, 16_000, choice=name) for name in DEVICES]
    monkeypatch.setattr("deeptone_tui.audio.input_devices", lambda: devices)
    monkeypatch.setenv("_DEEPTONE_TUI_COMPLETE", f"{shell}_complete")
    monkeypatch.setenv("COMP_LINE", line)
    monkeypatch.setenv("SSLKEYLOGFILE", "/dev/null/keys")
    assert main([]) == 0
    assert capsys.readouterr() == (f"{expected}\n", "")


def test_bash_replaces_what_follows_a_break(
    offered: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as the colon of an address; it says itself what that is."""
    monkeypatch.setenv("COMP_TEXT", "//")
    assert offered("deeptone-tui --url wss://") == ["plain,//api.oto.ai/stream"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", [""]),
        ("x ", ["x", ""]),
        ("  x y", ["x", "y"]),
        (r"x a\ b", ["x", "a b"]),
        ("x a\\", ["x", "a"]),
        ("x 'a b", ["x", "a b"]),
        ("x 'a'\"b c\"d", ["x", "ab cd"]),
        (r'x "a\$b \" \n', ["x", r'a$b " \n']),
        (r"x $'a\nb\'c", ["x", "a\nb'c"]),
        ("x '' ", ["x", "", ""]),
        ('x "', ["x", ""]),
    ],
)
def test_words_of_a_line_that_is_not_finished(line: str, expected: list[str]) -> None:
    """As a shell would take them if it ended there."""
    assert split_words(line) == expected


@given(st.lists(st.text(min_size=1), min_size=1))
def test_quoted_words_are_the_words(words: list[str]) -> None:
    """As `shlex` quotes them."""
    assert split_words(shlex.join(words)) == words


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each in its own words."""
    assert main(["completion", shell]) == 0
    assert f"{shell}_complete" in capsys.readouterr().out
