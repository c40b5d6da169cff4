"""The REST calls: a module a noun, models on top, thin routes below."""
