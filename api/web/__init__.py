"""The pages: Dutch first, rendered on the server, live where it matters."""
