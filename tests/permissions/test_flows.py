"""Every flow comes to its end under enforcement, and nothing is denied."""

import pytest

from .flows import FLOWS
from .stage import Stage


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_is_allowed(stage: Stage, name: str) -> None:
    """Each role has the permissions that the flow needs."""
    before = stage.trace.last()
    FLOWS[name](stage)
    assert stage.trace.denials(before) == []
