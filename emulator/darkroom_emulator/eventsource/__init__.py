"""What leads from a queue to a function: batches at the same time, and at once."""
