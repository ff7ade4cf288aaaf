"""The S3 provider that ``PROVIDER_OVERRIDE_S3=ordered`` chooses."""

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
)
from localstack.services.plugins import Service, aws_provider
from localstack.services.s3 import provider
from localstack.services.s3.provider import (
    S3Provider,
    object_exists_for_precondition_write,
    verify_object_equality_precondition_write,
)
from localstack.state import StateVisitor

from darkroom_emulator.access.plugin import is_enforced
from darkroom_emulator.s3 import sequencer
from darkroom_emulator.s3.key_locks import KeyLocks
from darkroom_emulator.s3.listing import encoded, take_any_token
from darkroom_emulator.state.objects import KeptObjects
from darkroom_emulator.state.plugin import object_store


class OrderedS3(S3Provider):
    """S3 where what changes a key happens one after another, its event's number included.

    LocalStack looks whether a condition holds, replaces the object and numbers the event in steps
    between which another request for the key finds its way: two writes that both "create" it, an
    event that is numbered as the last but is not. Here each request that changes a key holds it
    from the first step to the last; who reads waits for nobody. Conditional deletes, which
    LocalStack lacks, are one more such step.
    """

    def __init__(self) -> None:
        super().__init__(object_store())
        self._changing = KeyLocks()

    def accept_state_visitor(self, visitor: StateVisitor) -> None:
        """Show the state to whoever keeps or resets it."""
        super().accept_state_visitor(visitor)
        if isinstance(self._storage_backend, KeptObjects):
            visitor.visit(self._storage_backend)

    # The signatures of these two are those of LocalStack's provider, which takes requests whole.
    def put_object(  # type: ignore[override]
        self, context: RequestContext, request: PutObjectRequest
    ) -> PutObjectOutput:
        """Write an object, alone with its key."""
        with self._changing.held(request["Bucket"], [request["Key"]]):
            return super().put_object(context, request)

    def post_object(
        self, context: RequestContext, bucket: str, *arguments: Any, **named: Any
    ) -> PostResponse:
        """Write an object from a form, alone with its key."""
        with self._changing.held(bucket, [key_of_form(context)]):
            return super().post_object(context, bucket, *arguments, **named)

    def copy_object(  # type: ignore[override]
        self, context: RequestContext, request: CopyObjectRequest
    ) -> CopyObjectOutput:
        """Write a copy, alone with the key that it goes to."""
        with self._changing.held(request["Bucket"], [request["Key"]]):
            return super().copy_object(context, request)

    def complete_multipart_upload(
        self, context: RequestContext, bucket: str, key: str, *arguments: Any, **named: Any
    ) -> CompleteMultipartUploadOutput:
        """Write an object of parts, alone with its key."""
        with self._changing.held(bucket, [key]):
            return super().complete_multipart_upload(context, bucket, key, *arguments, **named)

    def delete_object(
        self, context: RequestContext, bucket: str, key: str, *arguments: Any, **named: Any
    ) -> DeleteObjectOutput:
        """Delete an object, alone with its key, if a condition holds."""
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
        """Delete objects, alone with their keys; of those with a condition, the ones that hold."""
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
            answer = DeleteObjectsOutput()
            if not delete.get("Quiet"):
                answer["Deleted"] = list[DeletedObject]()
            if wanted or not errors:
                rest = Delete(Objects=wanted, Quiet=delete.get("Quiet", False))
                answer = super().delete_objects(context, bucket, rest, *arguments, **named)
        if errors:
            answer["Errors"] = [*(answer.get("Errors") or ()), *errors]
        return answer

    def list_objects(self, context: RequestContext, *arguments: Any, **named: Any) -> Any:
        """List, with the keys in their own order however they are written."""
        encoding_type = named.pop("encoding_type", None)
        return encoded(super().list_objects(context, *arguments, **named), encoding_type)

    def list_objects_v2(self, context: RequestContext, *arguments: Any, **named: Any) -> Any:
        """List, with the keys in their own order however they are written."""
        encoding_type = named.pop("encoding_type", None)
        return encoded(super().list_objects_v2(context, *arguments, **named), encoding_type)

    def list_object_versions(self, context: RequestContext, *arguments: Any, **named: Any) -> Any:
        """List, with the keys in their own order however they are written."""
        encoding_type = named.pop("encoding_type", None)
        return encoded(super().list_object_versions(context, *arguments, **named), encoding_type)

    def _check(self, context: RequestContext, bucket: str, key: str, etag: str) -> None:
        """Raise what a conditional delete fails with: 404 for no object, 412 for another one.

        As measured on AWS (https://github.com/localstack/localstack/issues/13894): ``*`` asks for
        any object, and a delete marker is none.
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


def leave_forms_to_access_checks() -> None:
    """Have LocalStack take forms as they come: it judges some of what S3 takes wrong.

    They have been judged before it sees them (``access.forms``).
    """
    module: Any = provider
    module.validate_post_policy = lambda *_: None


@aws_provider(api="s3", name="ordered")
def ordered_s3() -> Service:
    """Make the service; LocalStack calls this at the first request."""
    sequencer.number_events()
    take_any_token()
    if is_enforced():
        leave_forms_to_access_checks()
    return Service.for_provider(OrderedS3())
