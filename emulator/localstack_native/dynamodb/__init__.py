"""DynamoDB on moto, without Java: sorted indexes, atomic writes, transactions, time to live."""
