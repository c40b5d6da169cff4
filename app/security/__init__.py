"""Keys, and who a request comes from."""
