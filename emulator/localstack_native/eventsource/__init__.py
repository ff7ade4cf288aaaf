"""SQS event source mappings: concurrent batches, delivered without polling delays."""
