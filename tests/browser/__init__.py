"""The demo page, in a browser, against a deployed stack."""
