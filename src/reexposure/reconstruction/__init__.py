"""Photo -> radiance map: the network, and what its answer does to the photo."""
