"""Mijn aanmeldingen: what a referrer filed, how it goes on, and what is asked of them."""
