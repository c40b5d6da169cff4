"""Word that arrives, on pages: the bell, the notices, what somebody wants to hear, and what goes out."""
