"""What a person sees in a named set of pictures, and what the emulator's Rekognition finds."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localstack_init.package import PROJECT

# Where `make bench-vision` puts the packages that the pictures are in.
PACKAGES = PROJECT / ".darkroom" / "pictures"
SKIMAGE = "skimage/data"
SKLEARN = "sklearn/datasets/images"


@dataclass(frozen=True)
class Seen:
    """A picture: what is in it for a person, any word of which would be right, and its faces.

    Labels that are neither right nor a parent of something right are wrong. Where a picture shows
    nothing that the taxonomy knows, no label at all is the right answer.
    """

    file: str
    right: tuple[str, ...] = ()
    faces: int = 0


PICTURES = (
    Seen("samples/coffee.png", ("Espresso", "Coffee", "Beverage", "Coffee Cup", "Cup")),
    Seen("samples/earth.jpg"),
    Seen("samples/flower.jpg", ("Plant", "Flower")),
    Seen("samples/mountains.jpg", ("Mountain", "Mountain Range", "Nature", "Outdoors", "Valley")),
    Seen("samples/raccoon.jpg", ("Animal", "Mammal")),
    Seen(f"{SKIMAGE}/astronaut.png", ("Person", "Clothing", "Space Shuttle", "Helmet"), 1),
    Seen(f"{SKIMAGE}/brick.png", ("Architecture", "Stone Wall")),
    Seen(f"{SKIMAGE}/camera.png", ("Person", "Camera", "Tripod", "Electronics"), 1),
    Seen(f"{SKIMAGE}/cell.png"),
    Seen(f"{SKIMAGE}/chelsea.png", ("Cat", "Tabby", "Egyptian Cat", "Animal", "Pet", "Feline",
                                    "Mammal")),
    Seen(f"{SKIMAGE}/clock_motion.png", ("Clock", "Analog Clock", "Wall Clock")),
    Seen(f"{SKIMAGE}/coins.png"),
    Seen(f"{SKIMAGE}/grass.png", ("Plant", "Nature", "Outdoors")),
    Seen(f"{SKIMAGE}/gravel.png", ("Nature", "Outdoors")),
    Seen(f"{SKIMAGE}/horse.png", ("Horse", "Animal", "Mammal")),
    Seen(f"{SKIMAGE}/hubble_deep_field.jpg"),
    Seen(f"{SKIMAGE}/ihc.png"),
    Seen(f"{SKIMAGE}/moon.png"),
    Seen(f"{SKIMAGE}/motorcycle_left.png", ("Motorcycle", "Vehicle", "Transportation", "Scooter")),
    Seen(f"{SKIMAGE}/page.png", ("Text", "Book", "Publication")),
    Seen(f"{SKIMAGE}/retina.jpg"),
    Seen(f"{SKIMAGE}/rocket.jpg", ("Missile", "Weapon", "Space Shuttle", "Transportation")),
    Seen(f"{SKIMAGE}/text.png", ("Text",)),
    Seen(f"{SKLEARN}/china.jpg", ("Architecture", "Building", "Palace", "Monastery", "Tower")),
    Seen(f"{SKLEARN}/flower.jpg", ("Plant", "Flower", "Daisy")),
)  # fmt: skip


def samples() -> list[Path]:
    """Return the sample photographs."""
    return [PROJECT / each.file for each in PICTURES if each.file.startswith("samples/")]


def show(ask: Callable[..., dict[str, Any]], sent: Callable[[Path], bytes]) -> None:
    """Print, for each picture, what was found, and at the end how much of it was right."""
    counts = dict.fromkeys(("right", "wrong", "missed", "faces", "found", "false", "flagged"), 0)
    print("| picture | labels (confidence) | wrong among them | faces: found of | explicit |")
    print("|---|---|---|--:|--:|")
    for each in PICTURES:
        path = PROJECT / each.file if each.file.startswith("samples/") else PACKAGES / each.file
        image = {"Bytes": sent(path)}
        labels = ask("detect_labels", Image=image)["Labels"]
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
            f"| {each.file} | {names or '-'} | {', '.join(wrong) or '-'} |"
            f" {faces} of {each.faces} | {explicit:.1f} |"
        )
    known = sum(bool(each.right) for each in PICTURES)
    print(
        f"\n{len(PICTURES)} pictures, {known} of things that the labels know. Of these a right"
        f" label: {counts['right']}, none: {counts['missed']}. A wrong label: {counts['wrong']} of"
        f" all. Faces: {counts['found']} of {counts['faces']}, and {counts['false']} where there"
        f" is none. Flagged as explicit: {counts['flagged']}."
    )
