"""What a person sees in a named set of pictures, and what the emulator's Rekognition finds."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localstack_init.build import PROJECT

# Where `make bench-vision` puts the packages that the pictures are in.
PACKAGES = PROJECT / ".darkroom" / "pictures"
SKIMAGE = "skimage/data"
SKLEARN = "sklearn/datasets/images"


@dataclass(frozen=True)
class LabeledImage:
    """A picture: its license, what a person sees in it, and how many faces.

    Any word of what a person sees would be right, and all other labels are wrong. Where a picture
    shows nothing that the taxonomy knows, no label at all is the right answer.
    """

    file: str
    license: str
    right: tuple[str, ...] = ()
    faces: int = 0


PICTURES = (
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
    """Return the photographs whose answers are timed: always the same, so that times compare."""
    names = ("coffee.png", "earth.jpg", "flower.jpg", "mountains.jpg", "raccoon.jpg")
    return [PROJECT / "samples" / name for name in names]


def show(
    ask: Callable[..., dict[str, Any]], sent: Callable[[Path], bytes], confidence: float
) -> None:
    """Print, for each picture, what was found, and at the end how much of it was right."""
    counts = dict.fromkeys(("right", "wrong", "missed", "faces", "found", "false", "flagged"), 0)
    print("| picture | license | labels (confidence) | wrong among them | faces | explicit |")
    print("|---|---|---|---|--:|--:|")
    for each in PICTURES:
        path = PROJECT / each.file if each.file.startswith("samples/") else PACKAGES / each.file
        image = {"Bytes": sent(path)}
        labels = ask("detect_labels", Image=image, MinConfidence=confidence)["Labels"]
        faces = len(ask("detect_faces", Image=image)["FaceDetails"])
        moderation = ask("detect_moderation_labels", Image=image, MinConfidence=0)
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
    known = sum(bool(each.right) for each in PICTURES)
    print(
        f"\n{len(PICTURES)} pictures, {known} of things that the labels know. Of these a right"
        f" label: {counts['right']}, none: {counts['missed']}. A wrong label: {counts['wrong']} of"
        f" all. Faces: {counts['found']} of {counts['faces']}, and {counts['false']} where there"
        f" is none. Flagged as explicit: {counts['flagged']}."
    )
