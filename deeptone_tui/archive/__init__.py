"""Tuning from recordings, without a screen: from files to a threshold and its cost.

- `recordings` finds the audio files, `labels` reads their true speech segments.
- `analysis` measures a source and asks the models of this process; it has the tuning result of one
  source, and of all of them together.
- `pool` does so for several sources at once, and for many files in many processes.
- `chart` draws the cost of every threshold as SVG.

Nothing is imported here, so that every process loads only what it uses.
"""

__all__: list[str] = []
