"""The parts of the benchmark of the suggestion: material, clips, peers, figures."""
