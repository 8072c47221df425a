"""Faults of the source, as the monitor tells them while it goes on."""

import time
from pathlib import Path

import numpy as np
import pytest
from support.endpoints.fake_endpoints import HangingProvider
from support.sources.scenes import RATE, captured, noise, talk
from support.sources.sounds import write_wav
from support.time.clock import TurnedClock

from deeptone_tui.audio import SourceKind, SourceOptions, SourceSpec
from deeptone_tui.dsp import ChannelFigures, ChannelMeter, Fault, FaultKind, Samples
from deeptone_tui.monitor import Monitor
from deeptone_tui.monitor.metering import KEPT_SECONDS, LOOK_EVERY_S, FaultWatch
from deeptone_tui.protocol import StreamParameters

FAST = SourceOptions(realtime=False)
WELL = captured(talk(-24.0, sentences=2) + noise("pink", len(talk(-24.0, sentences=2)), -55.0, 1))
WITH_OFFSET: Samples = (WELL // 2 + np.int16(1600)).astype(np.int16)


def kinds(faults: tuple[Fault, ...]) -> list[FaultKind]:
    """Without the words."""
    return [fault.kind for fault in faults]


def mixed(*channels: Samples) -> ChannelFigures | None:
    """What a source has mixed of these."""
    meter = ChannelMeter(32_768)
    meter.feed(np.stack(channels, axis=1))
    return meter.figures


def test_a_fault_is_told_at_most_once_in_a_while() -> None:
    """And what was told stays until it is judged anew; the end is judged at once."""
    clock = TurnedClock()
    watch = FaultWatch(clock)
    watch.feed(WITH_OFFSET[:4096])
    assert watch.faults(None, ended=False) == ()
    watch.feed(WITH_OFFSET[4096:])
    clock.now += LOOK_EVERY_S * 0.9
    assert watch.faults(None, ended=False) == ()
    assert kinds(watch.faults(None, ended=True)) == [FaultKind.OFFSET]
    assert kinds(watch.faults(mixed(WELL, WELL * 0), ended=True)) == [FaultKind.OFFSET]
    watch.feed(WELL)
    clock.now += LOOK_EVERY_S
    later = watch.faults(mixed(WELL, WELL * 0), ended=False)
    assert FaultKind.DEAD_CHANNEL in kinds(later)


def test_another_source_begins_without_faults() -> None:
    """Neither what was told nor what was measured is left."""
    watch = FaultWatch(TurnedClock())
    watch.feed(WITH_OFFSET)
    assert kinds(watch.faults(None, ended=False)) == [FaultKind.OFFSET]
    watch.restart()
    assert watch.faults(None, ended=True) == ()
    watch.feed(WELL)
    assert watch.faults(None, ended=False) == ()


def test_a_channel_that_dies_is_told_though_it_was_alive() -> None:
    """What is judged of the channels is of the last minutes as well."""
    clock, meter = TurnedClock(), ChannelMeter(32_768)
    watch = FaultWatch(clock)
    told = []
    for number in range(3 * round(KEPT_SECONDS / LOOK_EVERY_S)):
        dead = number >= KEPT_SECONDS / LOOK_EVERY_S
        meter.feed(np.stack([WELL, WELL * 0 if dead else WELL], axis=1))
        watch.feed(WELL[:4096])
        clock.now += LOOK_EVERY_S
        told.append(FaultKind.DEAD_CHANNEL in kinds(watch.faults(meter.figures, ended=False)))
    assert not told[0]
    assert told[-1]


def test_a_source_that_was_opened_again_counts_its_channels_from_nothing() -> None:
    """And is judged by them."""
    clock = TurnedClock()
    watch = FaultWatch(clock)
    for channels in (mixed(WELL, WELL), mixed(WELL[: 2 * RATE], WELL[: 2 * RATE] * 0)):
        watch.feed(WELL)
        clock.now += LOOK_EVERY_S
        last = watch.faults(channels, ended=False)
    assert kinds(last) == [FaultKind.DEAD_CHANNEL]


def monitored(path: Path, options: SourceOptions = FAST) -> Monitor:
    """The monitor of a file, without an endpoint, at its end."""
    monitor = Monitor(
        SourceSpec(SourceKind.FILE, str(path)),
        options,
        HangingProvider(),
        StreamParameters(),
        stream=False,
    )
    monitor.start()
    assert monitor.wait(20)
    return monitor


def test_the_state_tells_the_faults_of_a_file(tmp_path: Path) -> None:
    """All of it, at its end; and of the next file only that one's."""
    monitor = monitored(write_wav(tmp_path / "clipped.wav", captured(WELL * 20.0)))
    assert kinds(monitor.state.faults) == [FaultKind.CLIPPING]
    before = monitor.state.counters.captured
    path = write_wav(tmp_path / "well.wav", WELL)
    monitor.switch_source(SourceSpec(SourceKind.FILE, str(path)), FAST)
    deadline = time.monotonic() + 20
    while monitor.state.counters.captured < before + len(WELL):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    assert monitor.stop()
    assert monitor.state.counters.captured == before + len(WELL)
    assert monitor.state.faults == ()


@pytest.mark.parametrize(("channel", "wanted"), [(None, [FaultKind.DEAD_CHANNEL]), (0, [])])
def test_the_state_tells_of_a_dead_channel(
    tmp_path: Path, channel: int | None, wanted: list[FaultKind]
) -> None:
    """Where it is mixed in."""
    path = write_wav(tmp_path / "one-side.wav", np.stack([WELL, WELL * 0], axis=1))
    monitor = monitored(path, SourceOptions(realtime=False, channel=channel))
    assert monitor.stop()
    assert kinds(monitor.state.faults) == wanted
