"""CloudFront: its API, its resources in CloudFormation, and one edge location."""
