"""What fails where nobody catches it."""

import gc
import logging
import sys
import threading
from typing import NoReturn

import pytest

from deeptone_tui.cli.logs import failures_logged


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
