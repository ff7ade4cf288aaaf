"""Step Functions: execution data settings, metrics, stops, and task tokens accepted once."""
