"""Step Functions: execution data settings, metrics, stops, and task tokens that serve once."""
