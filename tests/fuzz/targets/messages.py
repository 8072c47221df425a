"""Messages to the client: read, and written again as a line of `stream`."""

import contextlib
import json
from collections.abc import Iterator
from random import Random
from typing import Final

from support.sessions.message_promises import hold_to_promises

from deeptone_tui.protocol import parse_message
from fuzz.mutation import as_json, document, mutated, replaced
from fuzz.target import Judge, Target

KNOWN: Final = (
    *("message_type", "results", "channels", "0", "1", "timestamp", "raw", "raw_outputs", "result"),
    *("confidence", "message", "error", "connection", "end_of_audio", "gender", "speech-rt"),
    "silence",
)
GOOD: Final = {
    "message_type": "results",
    "results": {
        "channels": {
            "0": {
                "timestamp": 1024.0,
                "results": {
                    "speech-rt": {"result": "speech", "confidence": 0.9},
                    "gender": {"result": "female", "confidence": 0.7},
                },
                "raw": {"gender": {"female": 0.7, "male": 0.3}},
            }
        }
    },
}
SEEDS: Final = (
    json.dumps(GOOD).encode(),
    b'{"message_type":"connection","message":"hello","end_of_audio":true}',
    b'{"message_type":"error","message":"no such model"}',
)


def _made(random: Random) -> str | bytes:
    """A message, as text or as the bytes of a binary one."""
    match random.randrange(3):
        case 0:
            return mutated(random, SEEDS)
        case 1:
            return as_json(random, replaced(random, GOOD, KNOWN))
        case _:
            return as_json(random, document(random, KNOWN))


def _judged(given: str | bytes) -> None:
    hold_to_promises(parse_message(given))


@contextlib.contextmanager
def _opened() -> Iterator[Judge]:
    yield _judged


MESSAGES: Final = Target("messages", _made, _opened, short=500)
