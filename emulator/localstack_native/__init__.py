"""LocalStack plugins: services that LocalStack lacks, and AWS's behavior where it differs."""
