"""CloudFront's resource types in CloudFormation."""
