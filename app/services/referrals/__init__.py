"""Referrals: an act on one is a function here; `acting.py` locks the case, settles it and commits."""
