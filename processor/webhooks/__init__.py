"""Webhooks: signed requests to the operator's URL, one for each event."""
