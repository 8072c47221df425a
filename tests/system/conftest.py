"""What tests of whole programs need of the system."""

import os

import pytest
from support.programs.system_calls import refusal


@pytest.fixture(scope="session")
def may_trace() -> None:
    """Skip where the system does not let a process be traced; a failure under ``CI=true``."""
    reason = refusal()
    if reason is None:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"system calls must be seen where CI=true: {reason}", pytrace=False)
    pytest.skip(f"system calls cannot be seen here: {reason}")
