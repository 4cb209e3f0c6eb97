"""Training without a target: clusters, anomalies and components."""
