"""Runs all of Hotshelf on one machine: trainer, server, and the Prometheus and Grafana that are installed."""
