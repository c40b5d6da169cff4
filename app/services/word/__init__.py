"""Word that arrives: notices, what who wants of them, endpoints, and what goes out."""
