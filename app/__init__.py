"""The application: use cases and the outside world. Imports only `domain`."""
