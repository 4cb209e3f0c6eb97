"""What every training from a table needs, with a target or without."""
