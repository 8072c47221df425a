"""The places where something comes in from outside, by name."""

from typing import Final

from fuzz.target import Target
from fuzz.targets.audio import AUDIO
from fuzz.targets.labels import LABELS
from fuzz.targets.messages import MESSAGES
from fuzz.targets.names import NAMES
from fuzz.targets.recordings import RECORDINGS
from fuzz.targets.requests import SERVE, WEB
from fuzz.targets.screen import SCREEN
from fuzz.targets.settings import CONFIGURATION, ENVIRONMENT
from fuzz.targets.terminal import TERMINAL
from fuzz.targets.wire import FRAMES, HANDSHAKES

TARGETS: Final[dict[str, Target]] = {
    target.name: target
    for target in (
        *(TERMINAL, SCREEN, MESSAGES, FRAMES, HANDSHAKES, SERVE, WEB),
        *(CONFIGURATION, ENVIRONMENT, RECORDINGS, NAMES, AUDIO, LABELS),
    )
}
