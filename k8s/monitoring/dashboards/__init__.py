"""Grafana dashboards: what they show, and how it is written down."""
