"""What the networks see of the audio. Numpy only."""

from deeptone_tui.endpoint.engine.features.log_mel import log_mel_patches
from deeptone_tui.endpoint.engine.features.mel import mel_windows

__all__ = ["log_mel_patches", "mel_windows"]
