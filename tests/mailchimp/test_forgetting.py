"""Somebody who was erased is deleted at Mailchimp for good, and stays away from here too."""

from __future__ import annotations

import datetime as dt

import pytest

from cdp.lib import clock
from consent.facts import EventType
from integrations.mailchimp import client as wire
from integrations.mailchimp.client import Patience
from integrations.mailchimp.models import AudienceMember, Plan, PlanItem
from integrations.mailchimp.standin import Standin
from integrations.mailchimp.standin.audience import Audience, subscriber_hash
from integrations.models import Connection, Parcel
from organisations import personal_data
from organisations.personal_data import ByHand, Destination, Later, Subject
from profiles.models import RecordIdentifier
from tests.fakes.mailchimp import status
from tests.integrations.whole_person import buried, erased, subject_of
from tests.mailchimp.conftest import known, morning, person, says, sell

KARI = "kari@example.no"
OLA = "ola@example.no"
HOUR = dt.timedelta(hours=1)


def the_destination() -> Destination:
    [found] = [each for each in personal_data.destinations() if each.key.startswith("mailchimp:")]
    return found


def erase_here(subject: Subject) -> None:
    """What an erasure does to our tables and to what comes later."""
    buried(subject)
    erased(subject, "mailchimp")


@pytest.fixture
def kari(newsletter: Connection, audience: Audience) -> Subject:
    """A buyer who was subscribed by us."""
    sell(person(KARI))
    says(KARI, EventType.GRANT, ago=HOUR)
    morning(newsletter)
    morning(newsletter)
    assert status(audience, KARI) == "subscribed"
    return subject_of(KARI)


def test_every_address_is_deleted_for_good_with_a_receipt_that_names_nobody(
    kari: Subject, audience: Audience
) -> None:
    destination = the_destination()
    [(address, label)] = list(destination.holds(kari))
    assert (address, KARI in label) == (KARI, False)
    assert destination.forget is not None
    receipt = destination.forget(address)
    assert status(audience, KARI) == ""
    assert subscriber_hash(KARI) in audience.forgotten
    assert f"list {audience.id}" in receipt
    assert KARI not in receipt
    assert subscriber_hash(KARI)[:8] not in receipt


def test_asking_again_is_done_at_once(kari: Subject, audience: Audience) -> None:
    destination = the_destination()
    assert destination.forget is not None
    assert destination.forget(KARI).endswith("deleted")
    assert destination.forget(KARI).endswith("not there")


def test_an_address_left_behind_there_is_asked_for_too(
    kari: Subject, newsletter: Connection, standin: Standin, audience: Audience
) -> None:
    standin.do("change-address", KARI, new_email=OLA)
    morning(newsletter)
    held = {address for address, _label in the_destination().holds(subject_of(OLA))}
    assert held == {KARI, OLA}


@pytest.mark.parametrize("fault", [{"broken": 1}, {"throttle": 30}, {"throttle": 30, "throttle_status": 403}])
def test_a_busy_mailchimp_is_asked_later(
    kari: Subject,
    standin: Standin,
    audience: Audience,
    monkeypatch: pytest.MonkeyPatch,
    fault: dict[str, int],
) -> None:
    monkeypatch.setattr(wire, "PATIENCE", Patience(tries=1))
    destination = the_destination()
    assert destination.forget is not None
    standin.faults.set(**fault)
    with pytest.raises(Later):
        destination.forget(KARI)
    standin.faults.set(broken=0, throttle=0)
    assert destination.forget(KARI).endswith("deleted")


def test_an_audience_that_is_gone_needs_a_person(kari: Subject, newsletter: Connection) -> None:
    newsletter.config = newsletter.config | {"audience": "unknown"}
    newsletter.save()
    destination = the_destination()
    assert destination.forget is not None
    with pytest.raises(ByHand, match="not in this account") as told:
        destination.forget(KARI)
    assert KARI not in str(told.value)


def test_a_refused_key_is_tried_again_once_it_is_mended(kari: Subject, newsletter: Connection) -> None:
    newsletter.secrets = {"api_key": "wrong-us0"}
    newsletter.save()
    destination = the_destination()
    assert destination.forget is not None
    with pytest.raises(Later, match="Mend the connection"):
        destination.forget(KARI)


def test_the_consequence_is_said_aloud(newsletter: Connection) -> None:
    told = str(the_destination().consequence)
    assert "never be re-imported" in told
    assert "only the person can sign up again" in told


def test_the_pull_before_mailchimps_own_deletion_brings_nothing_back(
    kari: Subject, newsletter: Connection, audience: Audience
) -> None:
    erase_here(kari)
    RecordIdentifier.objects.filter(identifier__in=kari.identifiers).delete()
    audience.find(KARI).last_changed = clock.now().isoformat()
    run = morning(newsletter)
    assert not AudienceMember.objects.filter(address=KARI).exists()
    assert all(KARI not in str(parcel.rows()) for parcel in Parcel.objects.filter(run=run))


def test_whoever_signs_up_there_after_the_erasure_comes_in(
    kari: Subject, newsletter: Connection, standin: Standin
) -> None:
    erase_here(kari)
    later = clock.now() + HOUR
    standin.do("set", KARI, status="subscribed", timestamp_opt=later.isoformat())
    morning(newsletter)
    assert AudienceMember.objects.get(address=KARI).status_seen == "subscribed"


def test_a_later_own_yes_is_refused_there_and_says_what_to_do(
    kari: Subject, newsletter: Connection, audience: Audience
) -> None:
    destination = the_destination()
    assert destination.forget is not None
    erase_here(kari)
    destination.forget(KARI)
    says(KARI, EventType.GRANT)
    morning(newsletter)
    item = PlanItem.objects.get(plan=Plan.objects.newest_first().first(), identifier=known(KARI))
    assert (item.action, item.state) == ("add", "failed")
    assert "own form" in item.error
    run = morning(newsletter)
    assert run.plan.counts["reasons"] == {"skip:AT_FORGOTTEN": 1}
    assert status(audience, KARI) == ""


def test_an_address_that_somebody_else_has_too_stays_there(kari: Subject, audience: Audience) -> None:
    shared = Subject(kari.profiles, kari.records, (), shared=kari.identifiers)
    assert list(the_destination().holds(shared)) == []
    erase_here(shared)
    assert AudienceMember.objects.filter(address=KARI).exists()
    item = PlanItem.objects.filter(identifier=known(KARI)).first()
    assert item is not None
    assert item.profile_id is None
    assert "fields" not in item.desired


def test_the_recipient_is_named_with_the_last_transfer(kari: Subject) -> None:
    destination = the_destination()
    assert destination.recipients is not None
    [named] = list(destination.recipients(kari))
    assert named.name.startswith("Mailchimp")
    assert named.last_at == AudienceMember.objects.get(address=KARI).last_pushed_at


def test_nobody_elses_contact_is_touched(kari: Subject, newsletter: Connection, audience: Audience) -> None:
    sell(person(OLA, "Ola"))
    morning(newsletter)
    erase_here(kari)
    assert AudienceMember.objects.filter(address=OLA).exists()
    assert not AudienceMember.objects.filter(address=KARI).exists()
    assert RecordIdentifier.objects.filter(identifier=known(OLA)).exists()
    assert status(audience, OLA) == "transactional"


def test_a_switched_off_connection_that_holds_somebody_is_asked(
    kari: Subject, newsletter: Connection
) -> None:
    Connection.objects.filter(pk=newsletter.pk).update(enabled=False)
    assert [address for address, _label in the_destination().holds(kari)] == [KARI]


def test_a_person_at_no_audience_is_asked_for_all_the_same(newsletter: Connection) -> None:
    """An archived contact of long ago may never have been seen by Foyer."""
    sell(person(OLA, "Ola"))
    assert [address for address, _label in the_destination().holds(subject_of(OLA))] == [OLA]
