"""Models that were trained elsewhere: proved in the runtime that will serve them, then published like our own."""
