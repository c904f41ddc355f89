"""The page: what the browser gets, by where it runs; one module an idea, no build step."""
