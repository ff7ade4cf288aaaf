"""The page's search: its parameters, and images that match as they do in the API."""

from typing import Any

import pytest

from localstack_init.site import PAGE
from processor.catalog.terms import terms_of, word_terms, words
from tests import node

IMPORT = f'import * as search from "{PAGE}/js/gallery/search.js";'

TEXTS = [
    "Café de Flore, Paris",
    "STRASSE Straße",
    "snake_case a-b 12½",
    "東京 Ångström ﬁsh",
    "x" * 50,
    "!!! ",
]


def call(expression: str, given: Any) -> Any:
    """Return the value of an expression on ``given``."""
    return node.run(f"return {expression};", given, imports=IMPORT)


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("", {}),
        (" two words ", {"q": "two words"}),
        ("label: Sports Car", {"label": "Sports Car"}),
        ("TAG:old town", {"tag": "old town"}),
        ("tag:", {}),
        ("note: x", {"q": "note: x"}),
    ],
)
def test_parameters(text: str, parameters: dict[str, str]) -> None:
    """A text is searched for by words, unless it names a label or a tag."""
    assert call("search.parse(given)", text) == parameters


def test_words() -> None:
    """The page splits texts as the index does."""
    assert call("given.map(search.words)", TEXTS) == [words(each) for each in TEXTS]


def test_what_the_api_would_refuse() -> None:
    """The page says so itself."""
    searches = [{"q": "!!!"}, {"q": "a b c d e f g h i"}, {"q": "a"}, {"tag": "!"}]
    found = call("given.map(search.problem)", searches)
    assert found == ["Use words of letters or digits.", "Use at most 8 words; there are 9.", "", ""]


IMAGE = {
    "key": "uploads/abcdefghijklmnop/am-strand.jpg",
    "name": "Am Strand.JPG",
    "title": "Ein Tag",
    "tags": ["Old Town"],
    "analysis": {"labels": [{"name": "Dog", "parents": ["Animal", "Pet"]}]},
}


@pytest.mark.parametrize(
    "query",
    ["strand", "STRAND tag", "town", "animal pet dog", "uploads", "jpg", "stran", "cat", "!!"],
)
def test_matches_as_the_index_does(query: str) -> None:
    """A change of an image shows or hides it without another request."""
    entry: Any = {
        "filename": IMAGE["key"],
        "status": "done",
        "label_names": ["Dog", "Animal", "Pet"],
        **{name: IMAGE[name] for name in ("name", "title", "tags")},
    }
    terms = {*word_terms(query)}
    is_indexed = bool(terms) and terms <= terms_of(entry)
    assert call("search.matches(given[0], {q: given[1]})", [IMAGE, query]) == is_indexed


def test_labels_and_tags_match_as_a_whole() -> None:
    """Without regard to case; a label also by its parents."""
    searches = [{"label": "animal"}, {"label": "ani"}, {"tag": "old town"}, {"tag": "old"}, {}]
    found = call("given[1].map((each) => search.matches(given[0], each))", [IMAGE, searches])
    assert found == [True, False, True, False, True]
