"""The names of what workers do when one of them, or the parent, asks."""

LOAD, UNLOAD = "load", "unload"
TRACE, LOGS = "trace", "logs"
HEAR = "hear"
"""Look at the store."""
STATISTICS, TRAFFIC, FAMILIES = "statistics", "traffic", "families"
"""Tell counts: of versions, of a model's calls, of all metrics."""
SYNC = "sync"
"""Answer once everything that was said before is heard."""

CHANGES = frozenset({LOAD, UNLOAD, TRACE, LOGS, HEAR})
"""Deeds after which every worker tells the same."""
