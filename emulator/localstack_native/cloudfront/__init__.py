"""CloudFront: the API, the CloudFormation resource types, and one edge location."""
