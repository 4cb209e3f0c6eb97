"""Prometheus rules: what is recorded, and what alerts."""
