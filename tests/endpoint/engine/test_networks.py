"""The vendored networks against the published ones."""

import numpy as np
import numpy.typing as npt
import pytest

from deeptone_tui.dsp import Samples
from deeptone_tui.endpoint.engine.features import log_mel_patches, mel
from deeptone_tui.endpoint.engine.networks import Networks, VoiceState

Floats = npt.NDArray[np.float32]


def windows_of(samples: Samples) -> Floats:
    """Windows of 512 samples with the 64 before them."""
    audio = np.concatenate([np.zeros(64, np.float32), samples.astype(np.float32) / 32768])
    return np.lib.stride_tricks.sliding_window_view(audio, 576)[::512]


@pytest.mark.parametrize("slices", [[160], [1] * 160, [7, 40, 1, 112]])
def test_speech_is_what_the_published_network_hears(
    slices: list[int], man: Samples, networks: Networks, oracles: dict[str, Floats]
) -> None:
    """Window by window or many at once, the state carried on."""
    state = VoiceState()
    heard = [
        networks.voice_activity.listen([piece], [state])[0]
        for piece in np.split(windows_of(man), np.cumsum(slices)[:-1])
    ]
    np.testing.assert_allclose(np.concatenate(heard), oracles["speech_man"], atol=1e-5)


def test_streams_in_one_call_do_not_touch_one_another(
    man: Samples, woman: Samples, networks: Networks, oracles: dict[str, Floats]
) -> None:
    """Streams of different length in each call; each hears what it hears alone."""
    his, hers = windows_of(man), windows_of(woman)
    states = [VoiceState(), VoiceState(), VoiceState()]
    first = networks.voice_activity.listen([his[:30], hers[:2], hers[:9]], states)
    second = networks.voice_activity.listen([his[30:35], hers[2:60], hers[9:10]], states)
    for n, name, count in ((0, "man", 35), (1, "woman", 60), (2, "woman", 10)):
        heard = np.concatenate([first[n], second[n]])
        np.testing.assert_allclose(heard, oracles[f"speech_{name}"][:count], atol=1e-5)


def test_classes_are_those_of_the_wide_network(
    woman: Samples, networks: Networks, oracles: dict[str, Floats]
) -> None:
    """Halving the weights' precision moves no probability by more than 0.005."""
    tone = 0.1 * np.sin(2 * np.pi * 440 * np.arange(32000) / 16000)
    for name, samples in (("woman", woman[:32000] / 32768), ("tone", tone)):
        patches = log_mel_patches(samples.astype(np.float32), list(range(68, 198, 20)))
        classes = networks.sound_class.run(patches)
        np.testing.assert_allclose(classes, oracles[f"classes_{name}"], atol=0.005)


def test_more_patches_than_fit_one_call_are_all_classified(networks: Networks) -> None:
    """In their order."""
    patches = np.random.default_rng(1).normal(size=(40, 68, 21)).astype(np.float32)
    together = networks.sound_class.run(patches)
    alone = [networks.sound_class.run(patches[n : n + 1])[0] for n in range(40)]
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_embeddings_are_those_of_the_wide_network(
    woman: Samples, man: Samples, networks: Networks, oracles: dict[str, Floats]
) -> None:
    """Unit vectors with a cosine of 0.9999 and more."""
    for name, samples in (("woman", woman), ("man", man)):
        bands = mel((samples / 32768).astype(np.float32))
        frames = np.stack([bands[start : start + 160] for start in (0, 80, 160)])
        embeddings = networks.voice_embedding.run(frames)
        np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)
        assert (embeddings * oracles[f"embedding_{name}"]).sum(axis=1).min() > 0.9999


def test_the_gender_head_tells_the_voices_apart(
    networks: Networks, oracles: dict[str, Floats]
) -> None:
    """On the published network's embeddings."""
    assert networks.gender.female(oracles["embedding_woman"]) > 0.7
    assert networks.gender.female(oracles["embedding_man"]) < 0.3
