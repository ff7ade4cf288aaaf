"""CloudWatch Logs: filter patterns, searching with them, and metric filters."""
