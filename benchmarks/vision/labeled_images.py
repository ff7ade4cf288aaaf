"""Images with a person's labels, compared with those of the emulator's Rekognition."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localstack_init.build import PROJECT

# `make bench-vision` installs the packages of these images here.
PACKAGES = PROJECT / ".darkroom" / "images"
SKIMAGE = "skimage/data"
SKLEARN = "sklearn/datasets/images"


@dataclass(frozen=True)
class LabeledImage:
    """An image with its license, a person's labels, and the number of faces.

    Each of the person's labels is right, and all others are wrong. Without a person's labels the
    taxonomy has none for the image, and no label is right.
    """

    file: str
    license: str
    right: tuple[str, ...] = ()
    faces: int = 0


IMAGES = (
    LabeledImage(
        "samples/astronaut.jpg",
        "public domain",
        ("Person", "Clothing", "Space Shuttle", "Helmet"),
        1,
    ),
    LabeledImage(
        "samples/boats.jpg",
        "CC0",
        (
            *("Boat", "Sailboat", "Watercraft", "Vehicle", "Transportation"),
            *("Architecture", "Building", "House", "Person", "Nature", "Outdoors"),
        ),
        2,
    ),
    LabeledImage(
        "samples/cat.png",
        "CC0",
        ("Cat", "Tabby", "Egyptian Cat", "Animal", "Pet", "Feline", "Mammal"),
    ),
    LabeledImage(
        "samples/coffee.png", "CC0", ("Espresso", "Coffee", "Beverage", "Coffee Cup", "Cup")
    ),
    LabeledImage("samples/earth.jpg", "public domain"),
    LabeledImage("samples/flower.jpg", "CC0", ("Plant", "Flower")),
    LabeledImage(
        "samples/mountains.jpg",
        "CC0",
        ("Mountain", "Mountain Range", "Nature", "Outdoors", "Valley"),
    ),
    LabeledImage(
        "samples/photographer.png", "CC0", ("Person", "Camera", "Tripod", "Electronics"), 1
    ),
    LabeledImage("samples/raccoon.jpg", "public domain", ("Animal", "Mammal")),
    LabeledImage(
        "samples/rocket.jpg",
        "public domain",
        ("Missile", "Weapon", "Space Shuttle", "Transportation"),
    ),
    LabeledImage(f"{SKIMAGE}/brick.png", "CC0", ("Architecture", "Stone Wall")),
    LabeledImage(f"{SKIMAGE}/cell.png", "CC0"),
    LabeledImage(
        f"{SKIMAGE}/clock_motion.png", "public domain", ("Clock", "Analog Clock", "Wall Clock")
    ),
    LabeledImage(f"{SKIMAGE}/coins.png", "no known restrictions"),
    LabeledImage(f"{SKIMAGE}/grass.png", "CC0", ("Plant", "Nature", "Outdoors")),
    LabeledImage(f"{SKIMAGE}/gravel.png", "CC0", ("Nature", "Outdoors")),
    LabeledImage(f"{SKIMAGE}/horse.png", "CC0", ("Horse", "Animal", "Mammal")),
    LabeledImage(f"{SKIMAGE}/hubble_deep_field.jpg", "public domain"),
    LabeledImage(f"{SKIMAGE}/ihc.png", "no known restrictions"),
    LabeledImage(f"{SKIMAGE}/retina.jpg", "CC0"),
    LabeledImage(f"{SKIMAGE}/text.png", "public domain", ("Text",)),
    LabeledImage(
        f"{SKLEARN}/china.jpg",
        "CC BY 2.0",
        ("Architecture", "Building", "Palace", "Monastery", "Tower"),
    ),
    LabeledImage(f"{SKLEARN}/flower.jpg", "CC BY 2.0", ("Plant", "Flower", "Daisy")),
)


def timed() -> list[Path]:
    """Return the photographs for the timing: a fixed set, for comparable times."""
    names = ("coffee.png", "earth.jpg", "flower.jpg", "mountains.jpg", "raccoon.jpg")
    return [PROJECT / "samples" / name for name in names]


def show(
    detect: Callable[..., dict[str, Any]], as_sent: Callable[[Path], bytes], confidence: float
) -> None:
    """Print each image's labels and faces, and totals of right and wrong ones."""
    counts = dict.fromkeys(("right", "wrong", "missed", "faces", "found", "false", "flagged"), 0)
    print("| image | license | labels (confidence) | wrong labels | faces | explicit |")
    print("|---|---|---|---|--:|--:|")
    for each in IMAGES:
        path = PROJECT / each.file if each.file.startswith("samples/") else PACKAGES / each.file
        image = {"Bytes": as_sent(path)}
        labels = detect("detect_labels", Image=image, MinConfidence=confidence)["Labels"]
        faces = len(detect("detect_faces", Image=image)["FaceDetails"])
        moderation = detect("detect_moderation_labels", Image=image, MinConfidence=0)
        explicit = moderation["ModerationLabels"][0]["Confidence"]
        wrong = [label["Name"] for label in labels if label["Name"] not in each.right]
        counts["right"] += bool(each.right) and len(wrong) < len(labels)
        counts["missed"] += bool(each.right) and len(wrong) == len(labels)
        counts["wrong"] += bool(wrong)
        counts["faces"] += each.faces
        counts["found"] += min(faces, each.faces)
        counts["false"] += max(0, faces - each.faces)
        counts["flagged"] += explicit >= 50
        names = ", ".join(f"{label['Name']} {label['Confidence']:.0f}" for label in labels)
        print(
            f"| {each.file} | {each.license} | {names or '-'} | {', '.join(wrong) or '-'} |"
            f" {faces} of {each.faces} | {explicit:.1f} |"
        )
    known = sum(bool(each.right) for each in IMAGES)
    print(
        f"\n{len(IMAGES)} images, {known} with labels of the taxonomy. Of these,"
        f" {counts['right']} have a right label, {counts['missed']} none. {counts['wrong']} of all"
        f" have a wrong label. Faces: {counts['found']} of {counts['faces']} found,"
        f" {counts['false']} false. Flagged as explicit: {counts['flagged']}."
    )
