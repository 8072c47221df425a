"""Messages of the endpoint as text. Keys sorted, as the captured message has them."""

import json
from collections.abc import Mapping

from deeptone_tui.protocol.messages import Step


def encode_greeting(message: str, *, end_of_audio: bool) -> str:
    """Write the first message of a connection.

    Args:
        message: Text for people.
        end_of_audio: Whether an empty binary message is understood as the end of the audio;
            announced only where it is.
    """
    announced = {"end_of_audio": True} if end_of_audio else {}
    return _encode({"message_type": "connection", "message": message, **announced})


def encode_results(step: Step) -> str:
    """Write one result in its envelope.

    Raises:
        ValueError: when a number in it is not finite, which JSON cannot say.
    """
    channels = {step.channel: step.to_wire()}
    return _encode({"message_type": "results", "results": {"channels": channels}})


def encode_error(message: str) -> str:
    """Write the message that goes before a close frame when something is wrong."""
    return _encode({"message_type": "error", "message": message})


def _encode(message: Mapping[str, object]) -> str:
    """Write JSON in ASCII, and the newline that clients which print messages count on."""
    return json.dumps(message, sort_keys=True, separators=(",", ":"), allow_nan=False) + "\n"
