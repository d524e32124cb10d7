"""Empties the person's own requests: that somebody asked stays, who and what they wrote does not."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from cdp.lib import clock
from consent.models import RequestPackage, RequestTask, RightsRequest
from organisations.personal_data import Subject


def requests_of(subject: Subject) -> QuerySet[RightsRequest]:
    """Every request by or about the person."""
    about = Q(profile__in=subject.profiles) | Q(proven__in=subject.identifiers)
    if subject.records:
        about |= Q(records__overlap=list(subject.records))
    return RightsRequest.objects.filter(about)


def empty_packages(subject: Subject) -> int:
    packages = RequestPackage.objects.filter(request__in=requests_of(subject), emptied_at=None)
    return packages.update(content=b"", name="", emptied_at=clock.now())


def empty_tasks(subject: Subject) -> int:
    """What is settled needs no address any more; an erasure's own tasks are written after this."""
    return RequestTask.objects.filter(request__in=requests_of(subject)).exclude(address="").update(address="")


def empty_requests(subject: Subject) -> int:
    return requests_of(subject).update(letter="", identity_note="", records=[], profile=None, proven=None)
