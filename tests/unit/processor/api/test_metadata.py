"""`PATCH /images/{key}`: edits of the metadata."""

from typing import Any

import pytest

from tests.unit.processor.api.conftest import Api, Result

KEY = "holiday%2Fbeach.jpg"


@pytest.fixture
def entry(api: Api) -> dict[str, Any]:
    """Return the entry of a processed image."""
    api.table.add(filename="holiday/beach.jpg", name="Am Strand.jpg")
    return api.table.items["holiday/beach.jpg"]


def edit(api: Api, body: object, etag: str | None = "*") -> Result:
    """Send an edit."""
    headers = {"if-match": etag} if etag is not None else {}
    return api.call("PATCH", "/images/{key}", body, key=KEY, headers=headers)


@pytest.mark.usefixtures("entry")
def test_an_edit_changes_what_it_names(api: Api) -> None:
    """Other fields stay, and null removes one."""
    first = edit(api, {"alt": "Ein Strand", "title": "Strand", "tags": ["Meer", "meer", "Sand"]})
    assert first.status == 200
    assert first.body["tags"] == ["Meer", "Sand"]
    assert 'alt="Ein Strand"' in first.body["markup"]
    second = edit(api, {"title": None, "fields": {"author": "Ada"}})
    assert second.body["alt"] == "Ein Strand"
    assert "title" not in second.body
    assert second.body["fields"] == {"author": "Ada"}
    assert second.body["name"] == "Am Strand.jpg"
    assert second.body["updated"] >= first.body["updated"]
    third = edit(api, {"fields": {"place": "Rügen", "author": None}, "tags": []})
    assert third.body["fields"] == {"place": "Rügen"}
    assert "tags" not in third.body
    assert "fields" not in edit(api, {"fields": None}).body


def test_the_markup_escapes_the_alternative_text(api: Api, entry: dict[str, Any]) -> None:
    """It cannot leave its attribute."""
    entry["alt"] = '"><script>'
    html = api.call("GET", "/images/{key}", key=KEY).body["markup"]
    assert 'alt="&quot;&gt;&lt;script&gt;"' in html


@pytest.mark.usefixtures("entry")
def test_an_edit_of_nothing_is_none(api: Api) -> None:
    """It changes no ETag that another editor has seen."""
    before = edit(api, {"alt": "one"}).body
    nothing: list[dict[str, Any]] = [{}, {"fields": {}}]
    for body in nothing:
        result = edit(api, body)
        assert (result.status, result.body) == (200, before)


@pytest.mark.usefixtures("entry")
def test_a_second_editor_is_told(api: Api) -> None:
    """An edit of what somebody else has edited since is refused, with what to do."""
    seen = api.call("GET", "/images/{key}", key=KEY).body["metadata_etag"]
    first = edit(api, {"alt": "one"}, f'"{seen}"')
    assert first.status == 200
    second = edit(api, {"alt": "two"}, f'"{seen}"')
    assert (second.status, second.code) == (412, "edited")
    assert first.body["metadata_etag"] in second.body["detail"]
    again = edit(api, {"alt": "two"}, f'"other", "{first.body["metadata_etag"]}"')
    assert (again.status, again.body["alt"]) == (200, "two")


@pytest.mark.usefixtures("entry")
@pytest.mark.parametrize("etag", [None, "", "0", 'W/"0"', '"0'])
def test_an_edit_without_a_condition(api: Api, etag: str | None) -> None:
    """It could undo somebody else's."""
    result = edit(api, {"alt": "x"}, etag)
    assert (result.status, result.code) == (428, "if-match-required")
    assert '"0"' in result.body["detail"]


@pytest.mark.usefixtures("entry")
def test_an_edit_keeps_what_the_pipeline_writes_meanwhile(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It writes its own fields alone, and the response has the entry as it is then."""
    write = api.table.update_item

    def after_a_claim(**arguments: Any) -> Any:
        api.table.items["holiday/beach.jpg"] |= {"status": "processing", "sequencer": "B"}
        return write(**arguments)

    monkeypatch.setattr(api.table, "update_item", after_a_claim)
    result = edit(api, {"focal_point": {"x": 0.1, "y": 0.2}})
    assert (result.status, result.body["status"]) == (200, "processing")
    assert api.sqs.sent == []


def test_two_edits_at_once(
    api: Api, entry: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The condition is checked by the write itself."""
    write = api.table.update_item

    def after_another(**arguments: Any) -> Any:
        entry["edit"] = "other"
        monkeypatch.undo()
        return write(**arguments)

    monkeypatch.setattr(api.table, "update_item", after_another)
    assert edit(api, {"alt": "x"}, '"0"').code == "edited"
    assert "alt" not in entry


@pytest.mark.usefixtures("entry")
def test_a_focal_point_is_rendered(api: Api) -> None:
    """A message requests it; the same edit again does, if the message was lost."""
    for _ in range(2):
        result = edit(api, {"focal_point": {"x": 0.1, "y": 1}})
        assert (result.status, result.body["focal_point"]) == (202, {"x": 0.1, "y": 1})
    assert [each["eventName"] for each in api.sqs.sent] == ["Refocused"] * 2
    api.table.items["holiday/beach.jpg"]["rendered_focal_point"] = {"x": 0.1, "y": 1}
    assert edit(api, {"alt": "x"}).status == 200
    assert edit(api, {"focal_point": None}).status == 202


@pytest.mark.usefixtures("entry")
@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"alt": "x" * 1001}, "$.alt"),
        ({"alt": "a\nb"}, "$.alt"),
        ({"title": 5}, "$.title"),
        ({"tags": ["a", " b"]}, "$.tags[1]"),
        ({"tags": ["a,b"]}, "$.tags[0]"),
        ({"tags": [""]}, "$.tags[0]"),
        ({"tags": [str(number) for number in range(51)]}, "$.tags"),
        ({"focal_point": {"x": 1.1, "y": 0}}, "$.focal_point.x"),
        ({"focal_point": {"x": 1}}, "$.focal_point"),
        ({"fields": {"Name": "x"}}, "$.fields"),
        ({"fields": {"name": "x" * 501}}, "$.fields[...]"),
        ({"focalPoint": {"x": 1, "y": 0}}, "focalPoint"),
        ({"fields": {f"n{number}": "x" for number in range(31)}}, "31 free fields"),
    ],
)
def test_what_is_invalid(api: Api, body: object, place: str) -> None:
    """The error names the place."""
    result = edit(api, body)
    assert (result.status, result.code) == (400, "invalid-request")
    assert place in result.body["detail"]


@pytest.mark.parametrize("status", [None, "deleted"])
def test_an_image_that_does_not_exist(api: Api, status: str | None) -> None:
    """Nothing can be edited, and no entry is made."""
    if status:
        api.table.add(filename="holiday/beach.jpg", status=status)
    result = edit(api, {"alt": "x"})
    assert (result.status, result.code) == (404, "not-found")
    assert "alt" not in api.table.items.get("holiday/beach.jpg", {})


def test_an_image_that_is_deleted_meanwhile(
    api: Api, entry: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The write is refused."""
    write = api.table.update_item

    def after_a_deletion(**arguments: Any) -> Any:
        entry["status"] = "deleted"
        return write(**arguments)

    monkeypatch.setattr(api.table, "update_item", after_a_deletion)
    assert edit(api, {"alt": "x"}).code == "not-found"
    assert "alt" not in entry
