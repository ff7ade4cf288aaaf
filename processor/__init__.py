"""The image pipeline that runs in Lambda: events in, renditions and catalog entries out."""
