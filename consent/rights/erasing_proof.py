"""The proof of an erasure: what was done, by whom it was acknowledged, what was kept and why. No name."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from cdp.lib import clock
from consent import gather
from consent.models import ErasureProof, RequestTask, RightsRequest
from consent.rights.erasing_tasks import FOYER


def write(request: RightsRequest) -> ErasureProof:
    """Of a request of which everything is settled. Once: the second time answers the first."""
    known = ErasureProof.objects.filter(request_uid=request.uid).first()
    if known:
        return known
    proof = ErasureProof(
        request_uid=request.uid,
        received_at=request.received_at,
        erased_at=datetime.fromisoformat(request.decisions["erased_at"]),
        finished_at=clock.now(),
        rules_version=gather.house().rules.version,
        counts={
            line["store"]: {"doing": line["doing"], "rows": line["rows"]}
            for line in request.plan
            if line["rows"]
        },
        acknowledgements=[_acknowledged(task) for task in request.tasks.exclude(destination=FOYER)],
        kept=_kept(request),
    )
    proof.sha256 = checksum(proof)
    proof.save(force_insert=True)
    return proof


def _acknowledged(task: RequestTask) -> dict[str, Any]:
    return {
        "destination": task.destination,
        "doing": task.doing,
        "how": task.state,
        "number": task.acknowledgement,
        "at": task.settled_at.isoformat() if task.settled_at else None,
    }


def _kept(request: RightsRequest) -> list[dict[str, Any]]:
    kept = [
        {"what": line["store"], "why": line["why"], "rows": line["rows"]}
        for line in request.plan
        if line["doing"] == "keep" and line["rows"]
    ]
    refused = request.decisions.get("refused", {})
    return kept + [{"what": what, "why": why} for what, why in sorted(refused.items())]


def contents(proof: ErasureProof) -> dict[str, Any]:
    """Everything that the checksum covers, as it is handed out."""
    return {
        "request": str(proof.request_uid),
        "received_at": _utc(proof.received_at),
        "erased_at": _utc(proof.erased_at),
        "finished_at": _utc(proof.finished_at),
        "rules_version": proof.rules_version,
        "counts": proof.counts,
        "acknowledgements": proof.acknowledgements,
        "kept": proof.kept,
    }


def _utc(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


def checksum(proof: ErasureProof) -> str:
    """SHA-256 over the contents as JSON with sorted keys and no blanks."""
    text = json.dumps(contents(proof), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def as_file(proof: ErasureProof) -> str:
    """The proof as somebody keeps it: contents and checksum."""
    return json.dumps(contents(proof) | {"sha256": proof.sha256}, indent=2, ensure_ascii=False)
