"""CloudWatch as far as LocalStack leaves it out: EMF, percentiles, metric math, alarms on both."""
