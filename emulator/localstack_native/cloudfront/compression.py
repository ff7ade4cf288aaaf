"""Compression at the edge: gzip and Brotli, by content type and size.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html
"""

import gzip

import brotli
from werkzeug.datastructures import Headers

SIZES = range(1_000, 10_000_001)
"""Sizes of responses that are compressed, in bytes."""

STATUSES = frozenset({200, 403, 404})

CONTENT_TYPES = frozenset(
    [
        "application/dash+xml",
        "application/eot",
        "application/font",
        "application/font-sfnt",
        "application/javascript",
        "application/json",
        "application/opentype",
        "application/otf",
        "application/pdf",
        "application/pkcs7-mime",
        "application/protobuf",
        "application/rss+xml",
        "application/truetype",
        "application/ttf",
        "application/vnd.apple.mpegurl",
        "application/vnd.mapbox-vector-tile",
        "application/vnd.ms-fontobject",
        "application/wasm",
        "application/xhtml+xml",
        "application/xml",
        "application/x-font-opentype",
        "application/x-font-truetype",
        "application/x-font-ttf",
        "application/x-httpd-cgi",
        "application/x-javascript",
        "application/x-mpegurl",
        "application/x-opentype",
        "application/x-otf",
        "application/x-perl",
        "application/x-ttf",
        "font/eot",
        "font/opentype",
        "font/otf",
        "font/ttf",
        "image/svg+xml",
        "text/css",
        "text/csv",
        "text/html",
        "text/javascript",
        "text/js",
        "text/plain",
        "text/richtext",
        "text/tab-separated-values",
        "text/xml",
        "text/x-component",
        "text/x-java-source",
        "text/x-script",
        "vnd.apple.mpegurl",
    ]
)


def compressed(status: int, headers: Headers, body: bytes, encodings: str) -> bytes:
    """Return a body in the best accepted encoding, and update the headers.

    A response that CloudFront does not compress is returned unchanged: by its size, status, content
    type, or because it is encoded already.
    """
    if not is_compressible(status, headers) or len(body) not in SIZES:
        return body
    _vary(headers)
    if not encodings:
        return body
    encoding = encodings.partition(",")[0]
    packed = (
        brotli.compress(body, quality=5)
        if encoding == "br"
        else gzip.compress(body, compresslevel=6, mtime=0)
    )
    headers["Content-Encoding"] = encoding
    headers["Content-Length"] = str(len(packed))
    etag = headers.get("ETag", "")
    if etag and not etag.startswith("W/"):
        headers["ETag"] = f"W/{etag}"
    headers.remove("Accept-Ranges")
    return packed


def is_compressible(status: int, headers: Headers) -> bool:
    """Return whether CloudFront compresses responses of this status and these headers."""
    type_ = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return (
        status in STATUSES
        and type_ in CONTENT_TYPES
        and "Content-Encoding" not in headers
        and "Content-Length" in headers
    )


def _vary(headers: Headers) -> None:
    named = [name.strip() for name in headers.get("Vary", "").split(",") if name.strip()]
    if "accept-encoding" not in {name.lower() for name in named}:
        headers["Vary"] = ", ".join([*named, "Accept-Encoding"])
