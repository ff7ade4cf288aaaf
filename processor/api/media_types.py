"""The types of files that the engine reads, by their names."""

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
"""Media types with their extensions."""

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
"""Names that the same files have elsewhere."""

UNKNOWN = ("", "application/octet-stream", "binary/octet-stream")
"""What is said of files whose type is not known. The third is S3's."""

BY_EXTENSION = {extension: each for each, extensions in TYPES.items() for extension in extensions}


def accepted(media_type: str) -> str | None:
    """The usual name of an accepted type, whatever its parameters; None for others."""
    bare = media_type.partition(";")[0].strip().lower()
    name = ALIASES.get(bare, bare)
    return name if name in TYPES else None


def guess(media_type: str, name: str) -> str | None:
    """The accepted type of a file; by its name where nothing is known of its type."""
    if media_type.partition(";")[0].strip().lower() in UNKNOWN:
        _, dot, extension = name.rpartition(".")
        return BY_EXTENSION.get(extension.lower()) if dot else None
    return accepted(media_type)
