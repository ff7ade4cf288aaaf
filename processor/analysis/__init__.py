"""What is in a picture, as Amazon Rekognition sees it, and what follows from that."""
