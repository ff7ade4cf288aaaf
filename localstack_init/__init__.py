"""What creates the cloud: the template, and the script that deploys it to LocalStack and to AWS."""
