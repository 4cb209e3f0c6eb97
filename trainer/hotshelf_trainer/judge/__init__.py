"""Judges a canary by its traffic: raises its share step by step, or takes it back."""
