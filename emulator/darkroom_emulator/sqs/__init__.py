"""SQS: messages that go back from a dead-letter queue are new."""
