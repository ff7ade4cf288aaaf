"""Event source mappings of SQS and DynamoDB streams, without polling delays."""
