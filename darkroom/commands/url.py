"""`darkroom url`: print the signed URL of a variant."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import typer

from darkroom.clients.darkroom_url import VariantOptions, VariantUrls, options_text
from darkroom.clock import clock
from darkroom.cloud import Cloud
from darkroom.commands.options import JsonOption, KeyArgument, StackOption
from darkroom.errors import CommandError
from darkroom.operations.signing_keys import SigningKeys

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

Fit = Literal["inside", "outside", "cover", "contain", "fill"]
Format = Literal["auto", "avif", "webp", "jpeg", "png", "gif"]


def url(
    key: KeyArgument,
    *,
    rendition: Annotated[
        str | None, typer.Option(help="Name of a rendition in the image's recipe.")
    ] = None,
    width: Annotated[int | None, typer.Option(help="Width in pixels.")] = None,
    height: Annotated[int | None, typer.Option(help="Height in pixels.")] = None,
    long_edge: Annotated[
        int | None, typer.Option(help="Length of the longer side in pixels.")
    ] = None,
    aspect_ratio: Annotated[str | None, typer.Option(help="Aspect ratio, such as 16:9.")] = None,
    fit: Annotated[Fit | None, typer.Option(help="How the image fits the size.")] = None,
    gravity: Annotated[
        str | None,
        typer.Option(help="The part that a crop keeps: `top`, `face`, …, or a point `0.3,0.7`."),
    ] = None,
    dpr: Annotated[float | None, typer.Option(help="Device pixel ratio, 1 to 4.")] = None,
    enlarge: Annotated[bool, typer.Option("--enlarge", help="Enlarge a smaller original.")] = False,
    background: Annotated[
        str | None, typer.Option(help="Color behind transparent parts, such as ffffff.")
    ] = None,
    quality: Annotated[int | None, typer.Option(help="Quality, 1 to 100.")] = None,
    format_: Annotated[
        Format | None,
        typer.Option("--format", help="Format. Default: `auto`, which depends on the browser."),
    ] = None,
    version: Annotated[
        str | None, typer.Option(help="Any text that makes another URL of the same variant.")
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option(
            help="Time from which the URL is refused: from now, such as `90m`, `12h` or `7d`, or a "
            "time such as 2027-01-31T12:00:00Z."
        ),
    ] = None,
    unsigned: Annotated[
        bool,
        typer.Option(
            "--unsigned", help="Print a URL without signature, as `Variants=presets` allows."
        ),
    ] = False,
    as_json: JsonOption = False,
    stack: StackOption = "darkroom",
) -> None:
    """Print the signed URL of a variant, which is rendered when the URL is first requested.

    The command does not check that the image exists. Without options for its size, the variant has
    the size of the original.
    """
    wanted: VariantOptions = {
        "rendition": rendition,
        "width": width,
        "height": height,
        "long_edge": long_edge,
        "aspect_ratio": aspect_ratio,
        "fit": fit,
        "dpr": dpr,
        "enlarge": enlarge or None,
        "background": background,
        "quality": quality,
        "format": format_,
        "version": version,
        **_gravity(gravity),
    }
    when = None if expires is None else _time(expires)
    if when is not None:
        wanted["expires"] = when
    if not any(each is not None for each in wanted.values()):
        wanted["format"] = "auto"
    try:
        options_text(unsigned, **wanted)
    except (TypeError, ValueError) as error:
        raise CommandError(f"There is no such variant: {error}.") from error
    cloud = Cloud.find(stack)
    signing_key = None if unsigned else SigningKeys.of(cloud).current
    try:
        found = VariantUrls(cloud.outputs["SiteUrl"], signing_key).url(key, **wanted)
    except ValueError as error:
        raise CommandError(f"The image has no URL: {error}.") from error
    if as_json:
        expiry = when and when.astimezone(UTC).isoformat()
        typer.echo(json.dumps({"url": found, "key": key, "expires": expiry}, indent=2))
    else:
        typer.echo(found)


def _gravity(value: str | None) -> VariantOptions:
    if value is None:
        return {}
    point = re.fullmatch(r"([0-9.]+),([0-9.]+)", value)
    if not point:
        return {"gravity": value}
    try:
        return {"focal_point": (float(point[1]), float(point[2]))}
    except ValueError as error:
        raise CommandError(
            f"--gravity {value!r} is not a point. Use two fractions, such as 0.3,0.7."
        ) from error


def _time(value: str) -> datetime:
    """Return the time of ``--expires``. Raises ``CommandError``."""
    duration = re.fullmatch(r"([0-9]{1,6})([smhdw])", value)
    now = clock.utc()
    if duration:
        return now + timedelta(**{_UNITS[duration[2]]: int(duration[1])})
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise CommandError(
            f"--expires {value!r} is not a time. Use a time from now, such as 12h, or one such as "
            "2027-01-31T12:00:00Z."
        ) from error
    found = found if found.tzinfo else found.astimezone()
    if found <= now:
        raise CommandError(f"--expires {value!r} is in the past. Use a later time.")
    return found
