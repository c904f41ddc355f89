"""The radiance map, the one door to it, and the files that hold it."""
