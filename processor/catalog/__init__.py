"""The catalog: one entry in DynamoDB for each original, and the only place that writes it."""
