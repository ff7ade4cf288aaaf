"""What every test session does: it leaves nothing running, however it ends."""

from . import guard


def pytest_configure() -> None:
    """Have all that this process starts ended with it: a run of pytest, or a worker of xdist."""
    guard.start()
