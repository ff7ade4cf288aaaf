"""DynamoDB without Java: LocalStack's provider interface over moto, and a time-to-live sweeper."""
