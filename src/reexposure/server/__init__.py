"""The page: a local server, and the same page as a static site that needs none."""
