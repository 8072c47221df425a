"""The parts of the main screen, each drawn line by line; they show a `View` and report drags."""
