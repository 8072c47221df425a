"""Audio from a microphone, a file, a pipe, a TCP peer or the demo, as blocks at 16 kHz.

Importing this package loads neither numpy, PortAudio nor libsndfile; each source does when opened.
"""

from deeptone_tui.audio.devices import InputDevice
from deeptone_tui.audio.probe import (
    device_level,
    input_devices,
    known_input_devices,
    look_for_input_devices,
)
from deeptone_tui.audio.source import (
    Block,
    PortAudioMissing,
    Seekable,
    SoundSystemSilent,
    Source,
    SourceError,
    SourceInfo,
    SourceKind,
    SourceOptions,
    SourceSpec,
    mixed_channels,
    open_source,
    parse_source,
)

__all__ = [
    "Block",
    "InputDevice",
    "PortAudioMissing",
    "Seekable",
    "SoundSystemSilent",
    "Source",
    "SourceError",
    "SourceInfo",
    "SourceKind",
    "SourceOptions",
    "SourceSpec",
    "device_level",
    "input_devices",
    "known_input_devices",
    "look_for_input_devices",
    "mixed_channels",
    "open_source",
    "parse_source",
]
