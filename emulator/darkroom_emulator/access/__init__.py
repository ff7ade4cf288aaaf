"""Who may do what with which bucket: what S3 enforces and LocalStack does not."""
