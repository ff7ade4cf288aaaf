"""Signed URLs of variants over HTTP."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

import msgspec
from botocore.exceptions import ClientError
from msgspec import Meta

from processor.api.entries import existing_entry
from processor.api.http.decoding import decode
from processor.api.http.problems import ProblemError
from processor.api.http.request import Request
from processor.api.http.response import Response, json_response
from processor.catalog.entries import Catalog
from processor.variants.signing import Signer

Options = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_.,-]{1,256}\Z")]


class VariantUrlsRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of ``POST /images/{key}/variant-urls``."""

    options: Annotated[list[Options], Meta(min_length=1, max_length=32)]
    """The options of each URL, as docs/reference/variants.md has them: ``w_640,f_webp``."""


@dataclass(frozen=True, slots=True)
class VariantUrls:
    """The route ``/images/{key}/variant-urls``."""

    catalog: Catalog
    signer: Signer | None
    """None if the API signs nothing."""
    site_url: str
    """URL below which variants are served."""

    def sign(self, request: Request) -> Response:
        """``POST /images/{key}/variant-urls``; the CloudFront function checks the options."""
        wanted = decode(request, VariantUrlsRequest)
        if self.signer is None:
            raise ProblemError(
                HTTPStatus.FORBIDDEN,
                "signing-off",
                "The API signs no URLs of variants, because the template's parameter "
                "ApiSignsVariants is off, or Variants is. Sign them with `darkroom url`, or set "
                "ApiSignsVariants to on.",
            )
        key = existing_entry(self.catalog, request.key)["filename"]
        try:
            paths = [self.signer.path(key, options) for options in wanted.options]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ParameterNotFound":
                raise
            raise ProblemError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "no-signing-key",
                "The API's copy of the signing key does not exist. Deploy the stack again, which "
                "creates it.",
            ) from error
        return json_response(
            {"variants": [{"path": path, "url": f"{self.site_url}/{path}"} for path in paths]}
        )
