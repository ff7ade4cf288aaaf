"""Order of form fields: S3 ignores the fields that follow the file.

"The file or content must be the last field in the form. Any fields below it are ignored." (S3 API
reference, "HTML form fields"). A page's submit button often is such a field. Werkzeug stores fields
and files separately, without their order.
"""

from collections import Counter
from typing import IO, Any

from werkzeug import Request
from werkzeug.datastructures import Headers, MultiDict
from werkzeug.formparser import FormDataParser, MultiPartParser
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import File

_ATTRIBUTE = "fields_after_the_file"


def fields_before_the_file(request: Request) -> list[tuple[str, str]]:
    """Return a form's fields without those that follow the file."""
    form: Any = request.form
    after: Counter[str] = getattr(form, _ATTRIBUTE, None) or Counter()
    return [
        (name, value)
        for name, values in form.lists()
        for value in values[: len(values) - after[name]]
    ]


class _MultiPartParser(MultiPartParser):
    """Werkzeug's parser, which calls ``get_part_charset`` at the end of each field."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._has_file = False
        self._after_the_file: Counter[str] = Counter()

    def start_file_streaming(self, event: File, total_content_length: int | None) -> IO[bytes]:
        self._has_file = self._has_file or event.name == "file"
        return super().start_file_streaming(event, total_content_length)

    def get_part_charset(self, headers: Headers) -> str:
        _, disposition = parse_options_header(headers.get("content-disposition"))
        name = disposition.get("name", "")
        self._after_the_file[name] += self._has_file
        self._has_file = self._has_file or name == "file"
        return super().get_part_charset(headers)

    def parse(self, *arguments: Any, **named: Any) -> tuple[MultiDict[str, str], Any]:
        form, files = super().parse(*arguments, **named)
        setattr(form, _ATTRIBUTE, self._after_the_file)
        return form, files


class OrderedFormParser(FormDataParser):
    """Werkzeug's form parser with this multipart parser."""

    def _parse_multipart(
        self, stream: IO[bytes], _: str, content_length: int | None, options: dict[str, str]
    ) -> Any:
        parser = _MultiPartParser(
            stream_factory=self.stream_factory,
            max_form_memory_size=self.max_form_memory_size,
            max_form_parts=self.max_form_parts,
            cls=self.cls,
        )
        boundary = options.get("boundary", "").encode("ascii")
        if not boundary:
            raise ValueError("Missing boundary")
        return stream, *parser.parse(stream, boundary, content_length)
