"""Media types of accepted uploads, and their file name extensions."""

TYPES = {
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif", "pjpeg", "pjp"),
    "image/png": ("png", "apng"),
    "image/webp": ("webp",),
    "image/avif": ("avif", "avifs"),
    "image/heic": ("heic", "heics"),
    "image/heif": ("heif", "heifs", "hif"),
    "image/gif": ("gif",),
    "image/tiff": ("tif", "tiff"),
    "image/bmp": ("bmp", "dib"),
}
"""Extensions by media type."""

ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/apng": "image/png",
    "image/avif-sequence": "image/avif",
    "image/heic-sequence": "image/heic",
    "image/heif-sequence": "image/heif",
    "image/tif": "image/tiff",
    "image/x-tiff": "image/tiff",
    "image/x-bmp": "image/bmp",
    "image/x-ms-bmp": "image/bmp",
    "image/x-windows-bmp": "image/bmp",
}
"""Registered media types by unregistered ones that clients send."""

UNKNOWN = ("", "application/octet-stream", "binary/octet-stream")
"""Media types of files whose type is unknown. The third is S3's."""

BY_EXTENSION = {extension: each for each, extensions in TYPES.items() for extension in extensions}


def accepted(media_type: str) -> str | None:
    """Return the registered name of an accepted type, without parameters; None for other types."""
    bare = media_type.partition(";")[0].strip().lower()
    name = ALIASES.get(bare, bare)
    return name if name in TYPES else None


def guess(media_type: str, name: str) -> str | None:
    """Return the accepted type of a file: by its extension where ``media_type`` is unknown."""
    if media_type.partition(";")[0].strip().lower() in UNKNOWN:
        _, dot, extension = name.rpartition(".")
        return BY_EXTENSION.get(extension.lower()) if dot else None
    return accepted(media_type)
