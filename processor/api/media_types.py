"""Media types that presigned forms fix for uploads, from the sender's types and file names.

They only keep the bucket free of types that browsers execute. The content decides the format.
"""

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
    "image/jfif": "image/jpeg",
    "image/pipeg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-jpeg": "image/jpeg",
    "image/x-citrix-jpeg": "image/jpeg",
    "image/apng": "image/png",
    "image/vnd.mozilla.apng": "image/png",
    "image/x-png": "image/png",
    "image/x-citrix-png": "image/png",
    "image/x-webp": "image/webp",
    "image/x-gif": "image/gif",
    "image/x-citrix-gif": "image/gif",
    "image/avif-sequence": "image/avif",
    "image/heic-sequence": "image/heic",
    "image/heif-sequence": "image/heif",
    "image/tif": "image/tiff",
    "image/x-tiff": "image/tiff",
    "image/vnd.microsoft.bmp": "image/bmp",
    "image/x-bitmap": "image/bmp",
    "image/x-bmp": "image/bmp",
    "image/x-ms-bmp": "image/bmp",
    "image/x-windows-bmp": "image/bmp",
}
"""Registered media types by unregistered ones that clients send."""

ANY = "application/octet-stream"
"""The type of a form for a file that may be an image of any format."""

UNKNOWN = ("", ANY, "binary/octet-stream", "application/x-download", "application/force-download")
"""Media types that say nothing of a file. The third is S3's."""

DOCUMENTS = ("image/svg+xml",)
"""Types of images that no decoder here reads and browsers execute."""

BY_EXTENSION = {extension: each for each, extensions in TYPES.items() for extension in extensions}


def accepted(media_type: str) -> str | None:
    """Return the registered name of an accepted type, without parameters; None for other types."""
    bare = media_type.partition(";")[0].strip().lower()
    name = ALIASES.get(bare, bare)
    return name if name in TYPES else None


def for_form(media_type: str, name: str) -> str | None:
    """Return the type of a presigned form; None if type and name are both those of other files.

    An accepted type goes before the extension of the name. Files of an unknown type, and images of
    an unlisted one, get a form for any format.
    """
    if found := accepted(media_type):
        return found
    _, dot, extension = name.rpartition(".")
    if dot and (found := BY_EXTENSION.get(extension.lower())):
        return found
    bare = media_type.partition(";")[0].strip().lower()
    is_image = bare.startswith("image/") and bare not in DOCUMENTS
    return ANY if is_image or bare in UNKNOWN else None
