"""Exposure films: the frames, what is drawn on them, and how they become a file."""
