"""Fits over the workers of a Dask cluster."""
