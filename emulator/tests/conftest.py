"""What every test session does."""

import signal


def pytest_configure() -> None:
    """Accept Ctrl-C: background jobs of scripts start without SIGINT."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
