"""The emulator, driven from outside by boto3."""
