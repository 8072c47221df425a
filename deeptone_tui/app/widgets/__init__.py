"""The widgets of the main screen: they render a `View` line by line and report drags."""
