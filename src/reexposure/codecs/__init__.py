"""Photo files: one file a container or library. What comes out of all of them is a `Photo`."""
