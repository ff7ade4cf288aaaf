"""The S3 provider that ``PROVIDER_OVERRIDE_S3=extended`` selects."""

from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.api.s3 import (
    CompleteMultipartUploadOutput,
    CopyObjectOutput,
    CopyObjectRequest,
    Delete,
    DeletedObject,
    DeleteObjectOutput,
    DeleteObjectsOutput,
    Error,
    NoSuchKey,
    NotImplemented,  # noqa: A004 (AWS's name of an error)
    PostResponse,
    PreconditionFailed,
    PutObjectOutput,
    PutObjectRequest,
    StorageClass,
    UploadPartCopyOutput,
    UploadPartCopyRequest,
    UploadPartOutput,
    UploadPartRequest,
)
from localstack.services.plugins import Service
from localstack.services.s3.provider import (
    S3Provider,
    object_exists_for_precondition_write,
    verify_object_equality_precondition_write,
)
from localstack.services.s3.utils import extract_bucket_key_version_id_from_copy_source
from localstack.state import StateVisitor

from localstack_native.s3.key_locks import KeyLocks
from localstack_native.s3.listing import encoded
from localstack_native.s3.object_store import ObjectStore
from localstack_native.state.objects import PersistentObjects
from localstack_native.state.plugin import object_store


class ExtendedS3(S3Provider):
    """S3 with atomic writes: writes of one key, with their events' numbers, are serialized.

    LocalStack checks a condition, replaces the object and numbers the event in separate steps, and
    requests for the same key interleave: two writes both "create" it, or the last event does not
    have the greatest number. Here each write locks its key from the first step to the last. Reads
    take no lock. Conditional deletes, which LocalStack lacks, are added.
    """

    def __init__(self) -> None:
        super().__init__(object_store() or ObjectStore())
        self._changing = KeyLocks()
        self._uploading = KeyLocks()

    def accept_state_visitor(self, visitor: StateVisitor) -> None:
        """Pass the state to a visitor that saves or resets it."""
        super().accept_state_visitor(visitor)
        if isinstance(self._storage_backend, PersistentObjects):
            visitor.visit(self._storage_backend)

    def on_after_state_reset(self) -> None:
        """Remove the content of all objects, which LocalStack keeps."""
        super().on_after_state_reset()  # type: ignore[no-untyped-call]
        self._storage_backend.reset()

    # LocalStack's provider has these signatures, with the whole request.
    def put_object(  # type: ignore[override]
        self, context: RequestContext, request: PutObjectRequest
    ) -> PutObjectOutput:
        """Write an object with its key locked."""
        with self._changing.held(request["Bucket"], [request["Key"]]):
            return super().put_object(context, request)

    def post_object(
        self, context: RequestContext, bucket: str, *arguments: Any, **named: Any
    ) -> PostResponse:
        """Write an object from a form with its key locked."""
        with self._changing.held(bucket, [key_of_form(context)]):
            return super().post_object(context, bucket, *arguments, **named)

    def copy_object(  # type: ignore[override]
        self, context: RequestContext, request: CopyObjectRequest
    ) -> CopyObjectOutput:
        """Write a copy with the target's key locked."""
        with self._changing.held(request["Bucket"], [request["Key"]]):
            if self._restores(context, request):
                # It is the default, with which LocalStack accepts a copy of an object to itself.
                request = {
                    **request,
                    "StorageClass": request.get("StorageClass") or StorageClass.STANDARD,
                }
            return super().copy_object(context, request)

    def upload_part(  # type: ignore[override]
        self, context: RequestContext, request: UploadPartRequest
    ) -> UploadPartOutput:
        """Write a part with its number locked."""
        with self._uploading.held(request["UploadId"], [str(request["PartNumber"])]):
            return super().upload_part(context, request)

    def upload_part_copy(  # type: ignore[override]
        self, context: RequestContext, request: UploadPartCopyRequest
    ) -> UploadPartCopyOutput:
        """Write a copied part with its number locked."""
        with self._uploading.held(request["UploadId"], [str(request["PartNumber"])]):
            return super().upload_part_copy(context, request)

    def complete_multipart_upload(
        self, context: RequestContext, bucket: str, key: str, *arguments: Any, **named: Any
    ) -> CompleteMultipartUploadOutput:
        """Write an object of parts with its key locked."""
        with self._changing.held(bucket, [key]):
            return super().complete_multipart_upload(context, bucket, key, *arguments, **named)

    def delete_object(
        self, context: RequestContext, bucket: str, key: str, *arguments: Any, **named: Any
    ) -> DeleteObjectOutput:
        """Delete an object with its key locked, if the condition holds."""
        etag = named.pop("if_match", None)
        with self._changing.held(bucket, [key]):
            if etag:
                if named.get("version_id"):
                    raise NotImplemented(  # noqa: F901 (it is AWS's)
                        "A header you provided implies functionality that is not implemented",
                        Header="If-Match",
                    )
                self._check(context, bucket, key, etag)
            return super().delete_object(context, bucket, key, *arguments, **named)

    def delete_objects(
        self, context: RequestContext, bucket: str, delete: Delete, *arguments: Any, **named: Any
    ) -> DeleteObjectsOutput:
        """Delete objects with their keys locked, except those whose condition fails."""
        objects = delete.get("Objects") or []
        with self._changing.held(bucket, [entry["Key"] for entry in objects]):
            wanted, errors = [], []
            for entry in objects:
                etag = entry.get("ETag")
                try:
                    if etag:
                        self._check(context, bucket, entry["Key"], etag)
                except (NoSuchKey, PreconditionFailed) as error:
                    errors.append(Error(Key=entry["Key"], Code=error.code, Message=error.message))
                else:
                    wanted.append(entry)
            response = DeleteObjectsOutput()
            if not delete.get("Quiet"):
                response["Deleted"] = list[DeletedObject]()
            if wanted or not errors:
                rest = Delete(Objects=wanted, Quiet=delete.get("Quiet", False))
                response = super().delete_objects(context, bucket, rest, *arguments, **named)
        if errors:
            response["Errors"] = [*(response.get("Errors") or ()), *errors]
        return response

    def list_objects(self, context: RequestContext, *arguments: Any, **named: Any) -> Any:
        """Return a listing in the order of the plain keys."""
        encoding_type = named.pop("encoding_type", None)
        return encoded(super().list_objects(context, *arguments, **named), encoding_type)

    def list_objects_v2(self, context: RequestContext, *arguments: Any, **named: Any) -> Any:
        """Return a listing in the order of the plain keys."""
        encoding_type = named.pop("encoding_type", None)
        return encoded(super().list_objects_v2(context, *arguments, **named), encoding_type)

    def list_object_versions(self, context: RequestContext, *arguments: Any, **named: Any) -> Any:
        """Return a listing in the order of the plain keys."""
        encoding_type = named.pop("encoding_type", None)
        return encoded(super().list_object_versions(context, *arguments, **named), encoding_type)

    def _restores(self, context: RequestContext, request: CopyObjectRequest) -> bool:
        """Return whether a copy puts an older version of a key back in its place.

        LocalStack refuses it as a copy that changes nothing, unless it has other metadata.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/RestoringPreviousVersions.html
        """
        bucket, key, version = extract_bucket_key_version_id_from_copy_source(request["CopySource"])
        if not version or (bucket, key) != (request["Bucket"], request["Key"]):
            return False
        _, s3_bucket = self._get_cross_account_bucket(context, bucket)
        current = s3_bucket.objects.get(key)
        return current is not None and current.version_id != version

    def _check(self, context: RequestContext, bucket: str, key: str, etag: str) -> None:
        """Raise a conditional delete's error: 404 without an object, 412 for another ETag.

        As measured on AWS (https://github.com/localstack/localstack/issues/13894): ``*`` matches
        any object, but no delete marker.
        """
        _, s3_bucket = self._get_cross_account_bucket(context, bucket)
        if etag == "*" and object_exists_for_precondition_write(s3_bucket, key):
            return
        verify_object_equality_precondition_write(s3_bucket, key, etag)


def key_of_form(context: RequestContext) -> str:
    """Return the key that a form uploads to."""
    form, files = context.request.form, context.request.files
    key = str(form.get("key", ""))
    if "file" not in form and "file" in files:
        key = key.replace("${filename}", files["file"].filename or "")
    return key


def service() -> Service:
    """Return the service."""
    return Service.for_provider(ExtendedS3())
