"""The networks, each with its inputs in one call for many streams."""

from dataclasses import dataclass

from deeptone_tui.endpoint.engine.networks.gender import GenderHead
from deeptone_tui.endpoint.engine.networks.sound_class import SoundClass
from deeptone_tui.endpoint.engine.networks.voice_activity import VoiceActivity, VoiceState
from deeptone_tui.endpoint.engine.networks.voice_embedding import VoiceEmbedding

__all__ = [
    "GenderHead",
    "Networks",
    "SoundClass",
    "VoiceActivity",
    "VoiceEmbedding",
    "VoiceState",
    "load_networks",
]


@dataclass(frozen=True, slots=True)
class Networks:
    """All of them; their calls may run in several threads at once."""

    voice_activity: VoiceActivity
    sound_class: SoundClass
    voice_embedding: VoiceEmbedding
    gender: GenderHead


def load_networks() -> Networks:
    """Read the vendored files; takes some tenths of a second."""
    return Networks(VoiceActivity(), SoundClass(), VoiceEmbedding(), GenderHead())
