"""What every test shares: the rule about programs of the system, and no deadlines for examples."""

import os
import shutil
import signal

import pytest
from hypothesis import settings

# How long one example takes says more about what else the machine is doing than about the code.
settings.register_profile("deeptone", deadline=None)
settings.load_profile("deeptone")

# A shell's background jobs ignore SIGINT, and so would every program that is started here.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The long form of the matrix of faults."""
    parser.addoption(
        "--moments", type=int, default=1, help="moments at which each fault of the matrix strikes"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip a test whose system programs are missing; under ``CI=true`` let it fail instead."""
    for item in items:
        for marker in item.iter_markers("system"):
            missing = [program for program in marker.args if shutil.which(program) is None]
            if missing and os.environ.get("CI") != "true":
                reason = f"needs {', '.join(missing)} on this machine"
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail by name where a system program is missing and nothing may be skipped."""
    if os.environ.get("CI") != "true":
        return
    for marker in item.iter_markers("system"):
        missing = [program for program in marker.args if shutil.which(program) is None]
        if missing:
            pytest.fail(f"{', '.join(missing)} must be installed where CI=true", pytrace=False)
