"""Weight files of the networks, vendored with licences (NOTICE.md) and checksums (SHA256SUMS)."""

from pathlib import Path

FOLDER = Path(__file__).parent
SUMS = FOLDER / "SHA256SUMS"

VOICE_ACTIVITY = FOLDER / "silero_vad_16k.onnx"
SOUND_CLASS = FOLDER / "speech_music_noise.onnx"
VOICE_EMBEDDING = FOLDER / "dvector.onnx"
GENDER_HEAD = FOLDER / "gender_head.json"

__all__ = ["FOLDER", "GENDER_HEAD", "SOUND_CLASS", "SUMS", "VOICE_ACTIVITY", "VOICE_EMBEDDING"]
