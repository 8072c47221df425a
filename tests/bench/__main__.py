"""Run every benchmark: ``make bench``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import bench_engine, bench_hostile, bench_quit, bench_screen, bench_startup

for benchmark in (bench_startup, bench_screen, bench_quit, bench_engine, bench_hostile):
    benchmark.main()
