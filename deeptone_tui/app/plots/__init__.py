"""Where things stand on the screen: pure geometry, no Textual."""
