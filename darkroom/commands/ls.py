"""`darkroom ls`: list the catalog."""

from itertools import islice
from typing import Annotated

import typer

from darkroom.cloud import Cloud
from darkroom.commands.options import StackOption
from darkroom.errors import CommandError
from darkroom.operations.search import with_terms
from darkroom.terminal.console import console
from darkroom.terminal.entries import entry_table
from processor.catalog.terms import label_term, tag_term, word_terms


def ls(
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="Maximum number of entries.")
    ] = 20,
    label: Annotated[
        str, typer.Option(metavar="LABEL", help="Only images with this label of Rekognition.")
    ] = "",
    tag: Annotated[str, typer.Option(metavar="TAG", help="Only images with this tag.")] = "",
    search: Annotated[
        str,
        typer.Option(
            "--search",
            "-s",
            metavar="WORDS",
            help="Only images with all of these words in their keys, titles, tags or labels.",
        ),
    ] = "",
    stack: StackOption = "darkroom",
) -> None:
    """List the catalog's entries, newest first.

    Labels, tags and whole words are looked up without regard to case.
    """
    cloud = Cloud.find(stack)
    terms = [
        *([label_term(label)] if label.strip() else []),
        *([tag_term(tag)] if tag.strip() else []),
        *word_terms(search),
    ]
    if search.strip() and not word_terms(search):
        raise CommandError(f"--search {search!r} has no letters and no digits. Use words.")
    if terms:
        entries = with_terms(cloud, list(dict.fromkeys(terms)), limit)
    else:
        entries = list(islice(cloud.catalog.newest_first(), limit))
    if entries:
        console.print(entry_table(entries))
    elif terms:
        console.print("No image matches. Whole words match; `darkroom ls` lists all images.")
    else:
        console.print("The catalog is empty. Run `darkroom upload IMAGE…` or `make demo`.")
