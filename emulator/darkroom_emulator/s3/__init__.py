"""What LocalStack's S3 lacks."""
