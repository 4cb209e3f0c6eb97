"""Learns from tables: classification, regression, ranking."""
