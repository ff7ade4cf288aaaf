"""CloudFormation resource types of CloudFront."""
