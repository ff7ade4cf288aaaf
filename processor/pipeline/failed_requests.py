"""Failed requests: what was published before a request stays if the request fails.

docs/explanation/reliability.md has the rules.
"""

from dataclasses import dataclass

from processor.catalog import published
from processor.catalog.claims import Claim, Claims
from processor.catalog.entries import FailedRequest, Failure
from processor.change import now
from processor.errors import SupersededError
from processor.storage.renditions import Renditions
from processor.telemetry.log import logger


@dataclass(frozen=True, slots=True)
class FailedRequests:
    """Restores outcomes and their renditions after failed requests."""

    claims: Claims
    renditions: Renditions

    def keep(
        self,
        claim: Claim,
        failure: Failure,
        *,
        retry: Failure | None = None,
        execution: str | None = None,
    ) -> bool:
        """Restore what was published before the request; return False if there is nothing.

        There is nothing if the claim is not for a request, or the original has changed. With
        ``retry`` no attempt follows automatically: if storage cannot be read, the entry then names
        the renditions that it named before. Raises ``SupersededError`` and ``LostClaimError``.
        """
        entry = claim.entry
        if not published.is_unchanged(entry):
            return False
        before = entry.get("renditions", [])
        try:
            kept = self.renditions.retain(claim.change.key, claim.change.sequencer, before)
        except SupersededError:
            raise
        except Exception:
            if retry is None:
                raise
            logger.warning("renditions not compared", key=claim.change.key, exc_info=True)
            kept = before
        if before and not kept:
            return False
        failed = entry.get("failed_request") or _failed(claim, failure, retry, execution)
        self.claims.restore(claim, kept, failed)
        return True


def _failed(
    claim: Claim, failure: Failure, retry: Failure | None, execution: str | None
) -> FailedRequest:
    failed: FailedRequest = {
        "code": failure["code"],
        "message": failure["message"],
        "time": now(),
    }
    if recipe := claim.change.recipe or claim.entry.get("recipe"):
        failed["recipe"] = recipe
    if retry:
        failed["retry"] = retry
    if execution:
        failed["execution"] = execution
    return failed
