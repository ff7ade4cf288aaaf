"""LocalStack plugins: Lambda in plain processes, a server for named addresses, DynamoDB on moto.

And what S3, SQS and the way from a queue to a function lack.
"""
