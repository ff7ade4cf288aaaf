"""CloudWatch: EMF, percentiles, metric math, alarms on both, and metrics of functions."""
