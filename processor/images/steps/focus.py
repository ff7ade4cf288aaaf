"""Find the point that a crop keeps: the image's focal point, or what a smart gravity finds."""

from dataclasses import replace

import msgspec

from processor.images.canvas import Canvas, Job
from processor.images.plan.geometry import Point, bounds, box_of, plan
from processor.images.plan.smart_crop import SAMPLE_EDGE, salient_point
from processor.images.plan.subjects import center_of, rotate_boxes, rotate_point
from processor.images.recipe import SMART_GRAVITIES, Resize
from processor.images.steps.orient import orient
from processor.images.steps.resize import resize
from processor.images.steps.rotate import rotate
from processor.images.steps.to_srgb import to_srgb


def focus(canvas: Canvas, job: Job) -> Canvas:
    """Select the point that ``resize`` keeps, in the region that ``trim`` and ``crop`` have left.

    The image's focal point comes first. Faces and subjects are looked up in ``job.regions``;
    without any, and for the other gravities, the pixels decide.
    """
    asked = job.rendition.resize
    if asked is None or asked.focal_point:
        return canvas
    if job.regions.focal_point and asked.follows_focal_point:
        return replace(canvas, focal_point=_chosen_point(canvas, job, job.regions.focal_point))
    if asked.gravity not in SMART_GRAVITIES:
        return canvas
    point = _detected_point(canvas, job, asked) or _salient_point(canvas, job, asked)
    return replace(canvas, focal_point=point)


def _chosen_point(canvas: Canvas, job: Job, point: Point) -> Point:
    """Return the image's focal point in the region, as it is rotated."""
    left, top, right, bottom = canvas.region
    size = (right - left) * job.original[0], (bottom - top) * job.original[1]
    return rotate_point(point, canvas.region, size, job.rendition.rotation)


def _detected_point(canvas: Canvas, job: Job, asked: Resize) -> Point | None:
    """Return the center of the detected regions that fit into the crop; None without any."""
    left, top, right, bottom = canvas.region
    size = (right - left) * job.original[0], (bottom - top) * job.original[1]
    angle = job.rendition.rotation
    boxes = rotate_boxes(job.regions.kept_by(asked.gravity), canvas.region, size, angle)
    width, height = bounds(*size, angle)
    box = box_of(width, height, asked, job.density)
    window = min(1.0, height * box[0] / box[1] / width), min(1.0, width * box[1] / box[0] / height)
    return center_of(boxes, window)


def _salient_point(canvas: Canvas, job: Job, asked: Resize) -> Point:
    """Return the point that stands out most in a small rendition of the region."""
    small = msgspec.structs.replace(job.rendition, resize=Resize(long_edge=SAMPLE_EDGE))
    preview = replace(
        job, rendition=small, geometry=plan(job.original, small, region=canvas.region)
    )
    canvas = canvas.still()
    for step in (resize, orient, to_srgb, rotate):
        canvas = step(canvas, preview)
    box = box_of(*canvas.image.size, asked, job.density)
    return salient_point(
        canvas.image, box, "entropy" if asked.gravity == "entropy" else "attention"
    )
