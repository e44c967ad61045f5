"""What is on the screen, one file a widget."""
