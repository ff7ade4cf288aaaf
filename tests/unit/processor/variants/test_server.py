"""Requests for variants: statuses, the cap, and what is stored."""

from typing import Any

import pytest

from processor.catalog.entries import Status
from processor.images import Limits, WatermarkImages, load_recipes, render
from processor.pipeline.recipe_book import RecipeBook
from processor.storage.variants import Variants
from processor.variants import server
from processor.variants.options import read_target
from processor.variants.problems import VariantError
from processor.variants.server import Rendering, VariantServer
from tests.unit.processor.clouds import Stored, error
from tests.unit.processor.images.sample_images import encoded, quarters
from tests.unit.processor.pipeline.actors import Inline
from tests.unit.processor.pipeline.pipelines import Cloud, Refusing, created

PHOTO = encoded(quarters(), "JPEG")


class Images:
    """A pipeline with one image, and the server of its variants."""

    def __init__(self, most: int = 3, **metadata: str) -> None:
        self.cloud = Cloud()
        self.cloud.put("a", PHOTO, **metadata)
        self.cloud.process(created("a"))
        self.server = VariantServer(
            s3=self.cloud.s3,  # type: ignore[arg-type]
            raw_bucket="raw",
            catalog=self.cloud.pipeline.claims.catalog,
            variants=Variants(self.cloud.s3, "processed"),  # type: ignore[arg-type]
            recipes=RecipeBook(load_recipes()),
            watermark_images=WatermarkImages(lambda _: b""),
            limits=Limits(),
            most=most,
            executor=Inline(),
        )

    def get(self, name: str = "w_30.webp", key: str = "a", seconds: float = 60) -> Rendering:
        """Request a variant."""
        return self.server.serve(read_target(f"/variants/{key}/{name}"), lambda: seconds)

    def refused(self, *arguments: Any, **named: Any) -> tuple[str, int]:
        """Request one that is refused; return code and status."""
        with pytest.raises(VariantError) as caught:
            self.get(*arguments, **named)
        return caught.value.code, caught.value.status

    @property
    def stored(self) -> dict[str, Stored]:
        """The stored variants."""
        objects = self.cloud.s3.in_bucket("processed")
        return {name: each for name, each in objects.items() if name.startswith("variants/")}

    @property
    def entry(self) -> dict[str, Any]:
        """The image's entry."""
        return self.cloud.entries["a"]


def test_a_first_and_a_second_request() -> None:
    """The first is stored with its version, type and lifetime; the second has what is stored."""
    images = Images()
    first = images.get()
    (stored,) = images.stored.values()
    assert first.stored.etag == stored.etag
    assert stored.content_type == "image/webp"
    assert stored.cache_control.startswith("public, max-age=60")
    assert stored.metadata == {
        "version": f"{images.entry['sequencer']} {images.entry['etag']}",
        "measures": "30 20",
    }
    before = dict(images.stored)
    assert images.get().stored == first.stored
    assert images.stored == before


@pytest.mark.parametrize("status", ["review", "rejected", "failed", "deleted"])
def test_images_that_are_not_published(status: Status) -> None:
    """They look like images that never were, and nothing is rendered."""
    images = Images()
    images.entry["status"] = status
    assert images.refused() == ("not-found", 404)
    assert images.refused(key="never") == ("not-found", 404)
    assert not images.stored


def test_an_image_in_processing() -> None:
    """The client is asked to request it again."""
    images = Images()
    images.entry["status"] = "processing"
    assert images.refused() == ("not-processed", 503)


def test_the_cap() -> None:
    """An image has a number of variants at most; those that it has are still served."""
    images = Images(most=2)
    images.get("w_30.webp")
    images.get("w_30.avif")
    assert images.refused("w_31.webp") == ("too-many-variants", 403)
    images.get("w_30.webp")
    assert len(images.stored) == 2


def test_an_image_without_room_is_rendered_in_vain_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 lists the variants while one is rendered. Of a full image, it lists them before."""
    renderings: list[int] = []

    def counted(*arguments: Any, **named: Any) -> Any:
        renderings.append(1)
        return render(*arguments, **named)

    monkeypatch.setattr(server, "render", counted)
    images = Images(most=1)
    images.get("w_30.webp")
    for _ in range(3):
        assert images.refused("w_31.webp") == ("too-many-variants", 403)
    assert len(renderings) == 2
    images.cloud.s3.objects.pop(("processed", "variants/a/w_30.webp"))
    images.get("w_31.webp")
    assert list(images.stored) == ["variants/a/w_31.webp"]


def test_an_original_that_was_replaced_before_its_event() -> None:
    """The entry is about another file: nothing is rendered from the new one."""
    images = Images()
    images.cloud.put("a", encoded(quarters(60, 40), "JPEG"))
    assert images.refused() == ("not-processed", 503)
    assert not images.stored


def test_an_original_that_expired() -> None:
    """Without the original, no further variants are rendered."""
    images = Images()
    del images.cloud.s3.objects["raw", "a"]
    assert images.refused() == ("not-found", 404)


def test_a_stale_variant_is_replaced() -> None:
    """A variant of an older change, which a request that died has left, is replaced."""
    images = Images()
    images.get()
    (name,) = images.stored
    images.cloud.s3.objects["processed", name] = Stored(b"old", {"version": "0 o"}, "image/webp")
    images.get()
    assert images.stored[name].data != b"old"


def test_a_newer_variant_stays() -> None:
    """A request that is late does not replace what a newer change has."""
    images = Images()
    newer = Stored(b"new", {"version": "F o"}, "image/webp")
    images.cloud.s3.objects["processed", "variants/a/w_30.webp"] = newer
    assert images.refused() == ("not-processed", 503)
    assert images.stored["variants/a/w_30.webp"] == newer


def test_an_unknown_recipe() -> None:
    """A recipe that was removed from the file since is named."""
    images = Images()
    images.entry["recipe"] = "nosuch"
    assert images.refused() == ("unknown-recipe", 422)


def test_a_lack_of_time() -> None:
    """A rendering that would outlast the function is abandoned."""
    assert Images().refused(seconds=2) == ("unrenderable", 422)


def test_errors_of_services() -> None:
    """A service's error is no status of ours: Lambda logs it, and CloudFront returns 502."""
    images = Images()
    images.cloud.s3.guard = Refusing("PutObject")
    with pytest.raises(type(error("SlowDown"))):
        images.get()


def test_sweeping_reports_what_s3_kept() -> None:
    """Objects that S3 did not delete are an error: the attempt has to be repeated."""
    images = Images()
    images.get()
    images.cloud.s3.delete_objects = lambda **_: {"Errors": [{"Code": "InternalError"}]}  # type: ignore[method-assign]
    with pytest.raises(OSError, match="InternalError"):
        images.server.variants.sweep("a")
