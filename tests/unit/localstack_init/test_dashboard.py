"""The dashboard's layout."""

import json

from localstack_init.dashboard import dashboard

WIDGETS = json.loads(dashboard()["Fn::Sub"])["widgets"]


def test_widgets_do_not_overlap() -> None:
    """Each place of the console's 24 columns is taken once."""
    taken = [
        (x, y)
        for each in WIDGETS
        for x in range(each["x"], each["x"] + each["width"])
        for y in range(each["y"], each["y"] + each["height"])
    ]
    assert len(taken) == len(set(taken))
    assert all(x < 24 for x, _ in taken)
