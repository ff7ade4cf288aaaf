"""CloudFormation: termination protection, stack policies, update statuses, concurrency."""
