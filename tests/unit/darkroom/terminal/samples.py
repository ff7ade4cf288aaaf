"""Catalog entries of one processed and one failed image."""

from processor.catalog.entries import Entry

ENTRY: Entry = {
    "filename": "odd [bold]name[/].jpg",
    "status": "done",
    "timestamp": "2026-05-01T12:00:00.000Z",
    "shard": "1",
    "size": 171_368,
    "etag": "e",
    "sequencer": "0",
    "updated": "2026-05-01T12:00:01.000Z",
    "format": "jpeg",
    "width": 807,
    "height": 1024,
    "renditions": [
        {
            "name": "thumb", "key": "processed/odd/thumb.webp", "width": 300, "height": 300,
            "bytes": 7722, "type": "image/webp", "ms": 9, "etag": "e",
        }
    ],
    "timings": {"fetch": 5},
}  # fmt: skip
FAILED: Entry = {
    "filename": "bad.jpg",
    "status": "failed",
    "timestamp": "2026-05-01T12:00:00.000Z",
    "shard": "1",
    "size": 9,
    "etag": "e",
    "sequencer": "0",
    "updated": "2026-05-01T12:00:01.000Z",
    "error": {"code": "corrupt", "message": "The file is damaged."},
}
