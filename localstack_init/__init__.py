"""Deployment: the CloudFormation template, and the script that deploys it to LocalStack and AWS."""
