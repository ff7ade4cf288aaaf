"""S3 access control: bucket policies, Block Public Access, ACLs, presigned URLs and forms."""
