"""Plays the demo region's providers, through the public API as providers would.

What they decide is pure and follows from the seed (`ward.py`, `habits.py`); when it reaches the API
follows from the clock and the network (`play.py`, `client.py`).
"""
