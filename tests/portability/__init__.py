"""The integration tests against ministack, an emulator that nobody here wrote."""
