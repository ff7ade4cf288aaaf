"""Jobs: the renditions of a recipe, planned for one original."""

from dataclasses import replace

from processor.images.canvas import Canvas, Job, name_at
from processor.images.decode.source import Header
from processor.images.limits import Limits
from processor.images.plan.geometry import Box, Geometry, Point, crop_region, plan
from processor.images.plan.subjects import NO_REGIONS, DetectedRegions
from processor.images.recipe import Recipe, Rendition


def plan_jobs(
    header: Header, recipe: Recipe, limits: Limits, regions: DetectedRegions = NO_REGIONS
) -> list[Job]:
    """Plan each rendition at each of its densities, in the recipe's order, from the header alone.

    Raises ``ImageError`` for a rendition that would be too large, or whose crop is outside the
    image.
    """
    original = header.width, header.height
    return [
        Job(
            rendition,
            _geometry(header, rendition, density, limits, crop_region(original, rendition)),
            original,
            density,
            regions=regions,
        )
        for rendition in recipe.renditions
        for density in rendition.densities
    ]


def largest_scale(jobs: list[Job]) -> float:
    """Return the scale, at most 1, at which the original is needed."""
    # How much trim leaves is known only after the original is decoded at full size.
    return min(1.0, max(1.0 if job.rendition.trim else job.geometry.scale for job in jobs))


def replan(job: Job, canvas: Canvas, header: Header, limits: Limits) -> Job:
    """Plan a job for the region and focal point that were selected in the decoded original.

    Raises ``ImageError`` for a rendition that would be too large.
    """
    return replace(
        job,
        geometry=_geometry(
            header, job.rendition, job.density, limits, canvas.region, canvas.focal_point
        ),
    )


def _geometry(
    header: Header,
    rendition: Rendition,
    density: float,
    limits: Limits,
    region: Box,
    focal_point: Point | None = None,
) -> Geometry:
    geometry = plan((header.width, header.height), rendition, density, region, focal_point)
    width, height = geometry.final
    if rendition.pad:
        width += round((rendition.pad.left + rendition.pad.right) * density)
        height += round((rendition.pad.top + rendition.pad.bottom) * density)
    frames = header.frames if rendition.output.keeps_animation else 1
    limits.check_output(name_at(rendition.name, density), width, height, frames)
    return geometry
