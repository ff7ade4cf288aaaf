"""The API's function dies at any step of an edit: it is applied or not, never in part."""

from dataclasses import dataclass
from typing import Any

import pytest

from .crashes import OLD
from .director import KILL, When
from .stage import Stage
from .told import Told
from .wanted import done

POINT = (1.0, 0.5)
EDIT: dict[str, Any] = {
    "alt": "A picture",
    "tags": ["One"],
    "focal_point": {"x": POINT[0], "y": POINT[1]},
}
WRITE = "dynamodb.UpdateItem"


@dataclass(frozen=True)
class Death:
    """One at a step of an edit of a key of its own."""

    step: str
    when: When
    is_written: bool
    """Whether the edit is in the entry by then."""

    @property
    def key(self) -> str:
        """The key."""
        return f"edit kills/{self.when} {self.step}.png"


@pytest.fixture(scope="module")
def deaths(one_by_one: Stage, told: Told) -> list[Death]:
    """Give all of them, and have their images published."""
    one_by_one.prepare_api()
    model = "edit kills/model.png"
    publish(one_by_one, [model])
    assert one_by_one.edit(model, **EDIT) == 202
    steps = one_by_one.director.steps
    found = [*steps(f"api/{model}"), *steps(f"api/{model}", when="after")]
    moments = [(each.name, each.when) for each in sorted(found, key=lambda step: step.at)]
    written = moments.index((WRITE, "after"))
    deaths = [Death(step, when, place >= written) for place, (step, when) in enumerate(moments)]
    publish(one_by_one, [each.key for each in deaths])
    told.catch_up()
    return deaths


def publish(stage: Stage, keys: list[str]) -> None:
    """Have an image under each key."""
    for key in keys:
        stage.put(key, OLD, "default")
    stage.settle({key: done(OLD, "default") for key in keys})


def test_an_edit_is_applied_or_not(one_by_one: Stage, deaths: list[Death], told: Told) -> None:
    """A client that repeats its edit has it applied, and renditions that follow it."""
    for death in deaths:
        rule = one_by_one.director.arrange(f"api/{death.key}", death.step, KILL, when=death.when)
        assert one_by_one.edit(death.key, **EDIT) >= 500
        assert rule.strikes == 1
        entry: Any = one_by_one.entry(death.key)
        there = {name: entry[name] for name in EDIT if name in entry}
        assert there == (EDIT if death.is_written else {}), death
        assert one_by_one.edit(death.key, **EDIT) in (200, 202)
    one_by_one.settle({each.key: done(OLD, "default", POINT) for each in deaths})
    assert told.problems(each.key for each in deaths) == {}
