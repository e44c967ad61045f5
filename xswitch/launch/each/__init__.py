"""One command under many profiles: sessions first, then the commands, some at a time."""
