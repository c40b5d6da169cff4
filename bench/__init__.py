"""The benchmarks that README quotes: `python -m bench [names…]` (see bench/README.md)."""
