"""The alpha of lossy WebP."""

import random

import pytest
from PIL import Image, ImageFilter

from processor.images.encode import webp_alpha
from processor.images.encode.webp_alpha import FILTERS, with_alpha
from tests.unit.processor.images.sample_images import decoded, encoded

SIZES = [(1, 1), (1, 9), (9, 1), (2, 2), (33, 17), (300, 200)]


def alphas(size: tuple[int, int]) -> dict[str, Image.Image]:
    """Return noise, a gradient, a soft shadow and a hard edge."""
    noise = Image.frombytes("L", size, random.Random(7).randbytes(size[0] * size[1]))
    edge = Image.new("L", size)
    edge.paste(255, (size[0] // 3, 0, size[0], size[1]))
    return {
        "noise": noise,
        "gradient": Image.radial_gradient("L").resize(size),
        "shadow": edge.filter(ImageFilter.GaussianBlur(5)),
        "edge": edge,
    }


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("effort", [0, 4])
def test_filters_are_exact(
    name: str, size: tuple[int, int], effort: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With each filter, the pixels are those of libwebp's own file."""
    monkeypatch.setattr(webp_alpha, "_best_filter", lambda _alpha: name)
    for alpha in alphas(size).values():
        image = Image.merge("RGBA", (*Image.new("RGB", size, "teal").split(), alpha))
        ours = with_alpha(encoded(image, "WEBP", alpha_quality=0, method=effort), alpha, effort)
        assert decoded(ours).tobytes() == decoded(encoded(image, "WEBP", method=effort)).tobytes()


@pytest.mark.parametrize("name", ["noise", "gradient", "shadow", "edge"])
def test_size(name: str) -> None:
    """The file is at most 1% larger than libwebp's."""
    alpha = alphas((640, 480))[name]
    image = Image.merge("RGBA", (alpha, alpha, alpha, alpha))
    ours = with_alpha(encoded(image, "WEBP", alpha_quality=0, method=4), alpha, 4)
    assert len(ours) <= 1.01 * len(encoded(image, "WEBP", method=4))


def test_metadata_is_kept() -> None:
    """The file's other chunks stay."""
    alpha = alphas((33, 17))["noise"]
    image = Image.merge("RGBA", (alpha, alpha, alpha, alpha))
    embedded = {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0", "xmp": b"<x/>", "icc_profile": b"odd"}
    ours = decoded(with_alpha(encoded(image, "WEBP", alpha_quality=0, **embedded), alpha, 4))
    assert ours.getchannel("A").tobytes() == alpha.tobytes()
    assert {"exif", "xmp", "icc_profile"} <= set(ours.info)


def test_opaque() -> None:
    """A file without alpha is returned as it is."""
    file = encoded(Image.new("RGB", (9, 9)), "WEBP")
    assert with_alpha(file, Image.new("L", (9, 9)), 4) is file
