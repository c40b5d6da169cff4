"""The load that the benchmarks make: small raw clients, so that the measured server is the one that works."""
