"""Moderation: what Amazon Rekognition detects in an image, and what follows from that."""
