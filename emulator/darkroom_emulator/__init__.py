"""LocalStack plugins: Lambda in plain processes, a server for named addresses, DynamoDB on moto."""
