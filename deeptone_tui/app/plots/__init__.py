"""The geometry of the screen: pure computation, without Textual."""
