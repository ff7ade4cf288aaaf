"""Drop an animation's other frames."""

from processor.images.canvas import Canvas, Job


def first_frame(canvas: Canvas, job: Job) -> Canvas:
    """Keep the first frame alone if the output is not animated."""
    return canvas if job.rendition.output.keeps_animation else canvas.still()
