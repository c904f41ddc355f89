"""One photo's way, for many: what was named, where results go, and all cores busy in bounded memory."""
