"""Rules, dashboards and pictures of the monitoring component, made by ``make monitoring``."""
