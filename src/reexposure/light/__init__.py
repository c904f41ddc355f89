"""Light: formulas on arrays. Nothing here knows of files or of the network."""
