"""The order of all steps."""

from processor.images.recipe import Rendition
from processor.images.steps import FINISH, ORIGINAL, SCALE, SELECT, STEPS, TRIM


def test_every_step_runs_once() -> None:
    """The phases in which steps run are the whole order, cut without gap or overlap."""
    assert (*ORIGINAL, *TRIM, *SELECT, *SCALE, *FINISH) == STEPS
    assert len(set(STEPS)) == len(STEPS)


def test_steps_run_in_the_order_of_the_recipe_reference() -> None:
    """A rendition's fields are listed in the order in which their steps run.

    All but ``rotate``: it is planned before ``resize``, and runs after it on fewer pixels.
    """
    names = [step.__name__ for step in STEPS]
    fields = [name for name in Rendition.__struct_fields__ if name in names and name != "rotate"]
    assert [name for name in names if name in fields] == fields
