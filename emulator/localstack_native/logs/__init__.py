"""CloudWatch Logs: filter patterns, FilterLogEvents, subscriptions and metric filters."""
