"""SQS: batches of messages, and messages that request work."""
