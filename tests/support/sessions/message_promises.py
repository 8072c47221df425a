"""What the types of messages promise."""

import math

from deeptone_tui.protocol import (
    ErrorReported,
    Message,
    ResultsReceived,
    Step,
    UnknownReceived,
    encode_results,
)


def hold_to_promises(message: Message) -> None:
    """Hold the message to what its type promises; what is passed on can be written again.

    Raises:
        AssertionError: where it does not hold.
    """
    if isinstance(message, ResultsReceived):
        assert message.steps
        for step in message.steps:
            assert 0 <= step.timestamp <= 1e12
            assert encode_results(step).endswith("\n")
            _hold_answers(step)
    elif isinstance(message, (ErrorReported, UnknownReceived)):
        for line in filter(None, (message.message, getattr(message, "message_type", None))):
            assert len(line) <= 1000
            assert "\n" not in line
            line.encode()


def _hold_answers(step: Step) -> None:
    """Confidences and raw values are numbers that can be drawn."""
    for model, answer in step.answers.items():
        model.encode()
        assert answer.confidence is None or 0 <= answer.confidence <= 1
        assert not {"result", "confidence"} & set(answer.extra)
    for values in (step.raw or {}).values():
        assert all(math.isfinite(value) for value in values.values())
