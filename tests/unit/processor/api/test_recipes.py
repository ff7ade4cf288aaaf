"""``GET /recipes``."""

from tests.unit.processor.api.conftest import Api


def test_recipes_have_no_default_fields(api: Api) -> None:
    """They are as in the file that ships with the pipeline."""
    recipes = api.call("GET", "/recipes").body["recipes"]
    assert {"default", "avatar", "print"} <= recipes.keys()
    assert "gps" not in recipes["default"]
    assert [each["name"] for each in recipes["default"]["renditions"]] == [
        "thumb",
        "preview",
        "web",
    ]
