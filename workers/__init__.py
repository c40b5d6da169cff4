"""What happens without a request: housekeeping, and the demo region's simulated providers."""
