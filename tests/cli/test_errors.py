"""From an exception to a line and an exit code, or into the log."""

import errno
import gc
import logging
import os
import sys
import threading
from pathlib import Path
from typing import NoReturn

import click
import pytest

from deeptone_tui.audio import PortAudioMissing, SourceError
from deeptone_tui.cli.errors import Interrupted, RunError, WrongUsage, report
from deeptone_tui.cli.logs import failures_logged
from deeptone_tui.core.process import ExitCode
from deeptone_tui.protocol import ParameterError
from deeptone_tui.session import TargetError
from deeptone_tui.settings.config import ConfigurationError


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        *((kind("words"), 2, "words") for kind in (WrongUsage, ParameterError, ConfigurationError)),
        *((kind("words"), 1, "words") for kind in (RunError, SourceError, PortAudioMissing)),
        *((kind("words"), 1, "words") for kind in (TargetError, click.ClickException)),
        (RunError("first\n  second"), 1, "first second"),
        (KeyboardInterrupt(), 130, None),
        (click.Abort(), 130, None),
        (Interrupted(2), 130, None),
        (Interrupted(15), 143, None),
        (SystemExit(3), 3, None),
        (click.exceptions.Exit(0), 0, None),
    ],
    ids=repr,
)
def test_known_errors_are_their_own_words(
    error: BaseException, code: int, told: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, and the code of its kind; who interrupts knows why, and is told nothing."""
    assert report(error) == code
    assert capsys.readouterr().err == ("" if told is None else f"deeptone-tui: {told}\n")


def test_an_unexpected_error_goes_to_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line names the file; the file has the traceback, for its owner only, and no key."""
    arguments = ["stream", "demo", "--api-key", "secret", "--url", "ws://h/?api_key=secret"]
    arguments += ["--url=ws://me:secret@h/", "ws://secret@h"]
    arguments += ["--record", "b\udce4d"]  # a name that is not UTF-8
    assert report(ZeroDivisionError("by zero"), arguments) == ExitCode.FAILED
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    (place,) = (tmp_path / "state" / "deeptone-tui").glob("crash-*.log")
    assert str(place) in line
    text = place.read_text()
    assert "ZeroDivisionError: by zero" in text
    assert "stream demo" in text
    assert "secret" not in text
    assert place.stat().st_mode & 0o077 == 0


def test_an_unexpected_error_without_a_place_for_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Still one line."""
    (tmp_path / "state").write_text("a file where the folder would be")
    assert report(ZeroDivisionError()) == ExitCode.FAILED
    assert "DEEPTONE_DEBUG=1" in capsys.readouterr().err


def test_the_traceback_is_shown_when_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And no file is written then."""
    monkeypatch.setenv("DEEPTONE_DEBUG", "1")
    assert report(ZeroDivisionError("by zero")) == ExitCode.FAILED
    assert capsys.readouterr().err == "ZeroDivisionError: by zero\n"


def test_other_errors_of_the_system_are_unexpected(capsys: pytest.CaptureFixture[str]) -> None:
    """Only a full disk is known by its number."""
    error = OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    assert report(error) == ExitCode.FAILED
    assert "unexpected OSError" in capsys.readouterr().err


class Falling:
    """Fails when it is thrown away."""

    def __del__(self) -> NoReturn:
        raise ZeroDivisionError


def fail() -> NoReturn:
    """Break."""
    raise LookupError


def test_a_thread_and_a_finaliser_fail_into_the_log_alone(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python would print both over the screen."""
    hooks = threading.excepthook, sys.unraisablehook
    with caplog.at_level(logging.ERROR), failures_logged():
        thread = threading.Thread(target=fail, name="resolver")
        thread.start()
        thread.join()
        Falling()
        gc.collect()
    assert "thread 'resolver' has failed" in caplog.text
    assert {"LookupError", "ZeroDivisionError"} <= set(caplog.text.split())
    assert capsys.readouterr() == ("", "")
    assert (threading.excepthook, sys.unraisablehook) == hooks
