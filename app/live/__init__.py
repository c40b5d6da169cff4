"""The region in memory and on the wire: board, follower, hub, resume, bus."""
