"""Variants, served: looked up in the catalog, rendered, stored, and looked up again.

docs/explanation/variants.md explains the order of the steps.
"""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from processor.catalog.entries import Catalog, Entry
from processor.catalog.published import missing_original
from processor.errors import PermanentError, SupersededError
from processor.images import (
    Encoded,
    ImageError,
    Limits,
    WatermarkImages,
    open_source,
    render,
)
from processor.moderation import labels
from processor.pipeline.recipe_book import RecipeBook
from processor.storage.originals import Original, read_original
from processor.storage.variants import StoredVariant, Variants, is_current, version_of
from processor.telemetry.log import logger
from processor.variants.options import Target
from processor.variants.plan import variant_recipe
from processor.variants.problems import Code, VariantError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from processor.images import Recipe

TIME_MARGIN = 2.0
"""Seconds of the function's time that are left when a rendering is abandoned."""

MOST_FULL = 10_000
"""Keys of full images that are kept in memory."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """A variant that is stored, and how long decoding, rendering and encoding took."""

    stored: StoredVariant
    milliseconds: int


@dataclass(frozen=True, slots=True)
class VariantServer:
    """Serves variants that are not stored yet."""

    s3: "S3Client"
    raw_bucket: str
    catalog: Catalog
    variants: Variants
    recipes: RecipeBook
    watermark_images: WatermarkImages
    limits: Limits
    most: int
    """Variants of an image that are stored at most, but for requests at the same time."""
    executor: Executor
    full: set[str] = field(default_factory=set)
    """Keys of images that had as many."""

    def serve(self, target: Target, remaining: Callable[[], float]) -> Rendering:
        """Return a variant, stored now or before. Raises ``VariantError``.

        ``remaining`` returns the seconds until Lambda ends the function.
        """
        # Both are read at once. Whether the original is the entry's, its ETag tells.
        reading = self.executor.submit(self._original, target.key)
        entry = _published(self.catalog.get(target.key), target.key)
        version = version_of(entry)
        recipe = self._recipe(entry)
        original = reading.result()
        if original is None:
            raise _gone(entry)
        if original.etag != entry["etag"]:
            raise _changed(target.key)
        was_full = target.key in self.full
        listing = self.executor.submit(self._check_room, target)
        if was_full:
            listing.result()
        started = time.perf_counter()
        rendered = self._render(entry, recipe, original, target, remaining)
        milliseconds = round((time.perf_counter() - started) * 1000)
        # S3 has listed meanwhile. Without room, the variant is rendered in vain, once.
        listing.result()
        try:
            stored = self.variants.write(target.key, target.name, version, rendered)
        except SupersededError:
            raise _changed(target.key) from None
        self._look_again(target, stored)
        return Rendering(stored, milliseconds)

    def _check_room(self, target: Target) -> None:
        """Raise ``VariantError`` if the image has no room for another variant."""
        names = set(self.variants.names(target.key))
        if target.name in names or len(names) < self.most:
            self.full.discard(target.key)
            return
        if len(self.full) >= MOST_FULL:
            self.full.clear()
        self.full.add(target.key)
        raise VariantError(
            "too-many-variants",
            f"The image has {len(names)} variants, the most that the template's parameter "
            "VariantsPerImage allows. Use sizes that others use, or raise it.",
        )

    def _recipe(self, entry: Entry) -> "Recipe":
        try:
            return self.recipes.find(entry["recipe"])
        except PermanentError as error:
            raise VariantError("unknown-recipe", str(error)) from error

    def _original(self, key: str) -> Original | None:
        try:
            return read_original(self.s3, self.raw_bucket, key, self.limits)
        except PermanentError as error:
            raise VariantError("unrenderable", str(error)) from error

    def _render(
        self,
        entry: Entry,
        recipe: "Recipe",
        original: Original,
        target: Target,
        remaining: Callable[[], float],
    ) -> Encoded:
        seconds = min(remaining() - TIME_MARGIN, self.limits.max_seconds)
        limits = replace(self.limits, max_seconds=seconds)
        try:
            source = open_source(original.data, limits)
            wanted = variant_recipe(recipe, target.options, target.format, source.header)
            known = cast("Mapping[str, Any]", entry)
            regions = labels.crop_regions(known, entry.get("focal_point"))
            rendered = render(source, wanted, limits, self.watermark_images, regions=regions)
        except ImageError as error:
            raise VariantError("unrenderable", str(error)) from error
        return rendered.renditions[0]

    def _look_again(self, target: Target, stored: StoredVariant) -> None:
        """Delete a variant whose image has changed since the first look.

        The pipeline sweeps between its claim and its outcome: what is stored before the claim, it
        sweeps; what is stored later, this look finds out of date.
        """
        now = self.catalog.get(target.key)
        if is_current(stored.version, now):
            return
        self.variants.remove(target.key, target.name, stored.etag)
        logger.info("variant discarded")
        _published(now, target.key)
        raise _changed(target.key)


def _published(entry: Entry | None, key: str) -> Entry:
    """Return an entry whose image is published. Raises ``VariantError``."""
    if entry and entry["status"] == "done":
        return entry
    if entry and entry["status"] == "processing":
        raise VariantError(
            "not-processed", "The image is being processed. Request it again in a moment."
        )
    # What is held for review or was rejected looks like what never was.
    raise VariantError("not-found", f"There is no image {key[:99]!r}.")


def _gone(entry: Entry) -> VariantError:
    if error := missing_original(entry):
        return VariantError(cast("Code", error.code), str(error))
    return VariantError(
        "not-found",
        "The original is no longer stored: no further variants can be rendered. Upload it again.",
    )


def _changed(key: str) -> VariantError:
    return VariantError(
        "not-processed", f"The image {key[:99]!r} has just changed. Request it again in a moment."
    )
