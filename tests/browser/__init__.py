"""Browser tests of the demo page, in Chromium against a deployed stack."""
