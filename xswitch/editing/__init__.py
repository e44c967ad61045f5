"""Changing the two files: operations on profiles, checked before they are written, and taken back."""
