"""The night: what is sure is joined, what is not is asked, and nothing else changes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from cdp.lib import locks
from organisations.models import Organisation, User
from profiles.identity import asking, learning, nightly, snapshot, thresholds, verbs
from profiles.identity.features import fingerprint
from profiles.identity.matching import platform, rerank
from profiles.identity.matching.rerank import Reranker
from profiles.identity.nightly import last_run, match_people
from profiles.identity.thresholds import Thresholds
from profiles.models import (
    Decision,
    IdentifierKind,
    IdentityAct,
    MatchLink,
    MatchModel,
    MatchPair,
    Profile,
    SourceRecord,
)
from tests.profiles.nights import BORN, HOME, are_one, doubtful, sure, tell, the_question

pytestmark = pytest.mark.usefixtures("in_aurora")

State = MatchPair.State
ALICE = "alice@example.org"


def everything() -> dict[str, Any]:
    """All that a night may change, but for when it was."""
    pair = [f.attname for f in MatchPair._meta.concrete_fields]
    return {
        "records": list(SourceRecord.objects.order_by("pk").values_list("pk", "profile")),
        "links": list(MatchLink.objects.order_by("pk").values()),
        "pairs": list(MatchPair.objects.order_by("pk").values(*pair)),
        "decisions": Decision.objects.count(),
        "acts": IdentityAct.objects.count(),
        "models": list(MatchModel.objects.values_list("pk", flat=True)),
    }


def tell_apart(pair: MatchPair, reason: str = "Mother and daughter") -> None:
    seen = fingerprint(pair.profile_a_id, pair.profile_b_id)
    verbs.apart(
        profiles=[pair.profile_a, pair.profile_b], actor=ALICE, reason=reason, fingerprint=seen, pair=pair
    )


# --- what is sure ------------------------------------------------------------------


def test_what_is_sure_is_joined_and_the_journal_says_why() -> None:
    one, two = sure()
    assert not are_one(one, two)
    run = match_people()
    assert (run.linked, run.refused, run.lifted) == (1, 0, 0)
    assert are_one(one, two)
    link = MatchLink.objects.get()
    assert link.probability >= 0.999
    assert link.act.kind == IdentityAct.Kind.MATCH
    assert link.act.actor == "matcher"
    assert link.act.evidence == {"linked": 1, "refused": 0, "lifted": 0, "model": run.model_id}
    decision = Decision.objects.get(act=link.act)
    assert (decision.rule, decision.weight, decision.model_id) == ("probable", link.weight, run.model_id)


def test_the_merged_person_gets_golden_values_and_the_old_id_resolves() -> None:
    sure()
    match_people()
    gone = Profile.objects.get(state=Profile.State.MERGED)
    person = Profile.objects.get(state=Profile.State.ACTIVE)
    assert gone.merged_into == person
    assert person.orders_count == 2


def test_the_same_night_twice_changes_nothing() -> None:
    sure()
    doubtful()
    match_people()
    before = everything()
    run = match_people()
    assert everything() == before
    assert (run.linked, run.lifted, run.act_id, run.freshened) == (0, 0, None, 0)
    assert run.queue == {"new": 0, "changed": 0, "again": 0, "gone": 0, "waiting": 1, "cut": 0, "quiet": 0}


def test_two_customer_numbers_of_one_source_are_asked_about() -> None:
    said: dict[str, Any] = {**HOME, **BORN}
    one = tell("tickets", 100, "Kari Ødegård", "kari@work.no", **said)
    two = tell("tickets", 101, "Kari Ødegård", "kari@home.no", **said)
    match_people()
    assert not are_one(one, two)
    assert the_question().blocked_by == "accounts"


def test_two_birth_dates_are_never_joined() -> None:
    said: dict[str, Any] = {**HOME, "phone": ""}
    one = tell("tickets", 100, "Kari Ødegård", "kari@work.no", birth_date=date(1980, 2, 1), **said)
    two = tell("shop", 101, "Kari Ødegård", "kari@home.no", birth_date=date(1980, 2, 2), **said)
    thresholds_of(0.6, 0.5)
    match_people()
    assert not are_one(one, two)
    assert not MatchLink.objects.exists()


def test_what_a_limit_keeps_apart_is_asked_about_and_not_tried_again(alice: User) -> None:
    one, two = sure()
    IdentifierKind.objects.filter(key="email").update(limit_per_person=1)
    run = match_people()
    assert not are_one(one, two)
    assert (run.linked, run.refused) == (0, 1)
    assert not MatchLink.objects.exists()
    pair = the_question()
    assert pair.blocked_by == "limit"
    before = everything()
    match_people()
    assert everything() == before


def test_never_link_is_kept_every_night() -> None:
    one, two = sure()
    verbs.apart(profiles=[one.profile, two.profile], actor=ALICE, reason="Told by phone")
    for _night in range(2):
        run = match_people()
        assert not are_one(one, two)
        assert run.queue["quiet"] == 1
    assert not MatchPair.objects.filter(state=State.OPEN).exists()


def test_unmerged_people_stay_two_the_night_after() -> None:
    one, two = sure()
    match_people()
    two.refresh_from_db()
    verbs.unmerge(profile=two.profile, records=[two.pk], actor=ALICE, reason="Cousins")
    match_people()
    assert not are_one(one, two)


# --- what is not -------------------------------------------------------------------


def test_what_is_doubtful_is_asked_with_evidence_and_what_is_at_stake() -> None:
    one, two = doubtful()
    run = match_people()
    assert not are_one(one, two)
    pair = the_question()
    assert {pair.record_a_id, pair.record_b_id} == {one.pk, two.pk}
    assert {pair.profile_a_id, pair.profile_b_id} == {one.profile_id, two.profile_id}
    assert pair.record_a.profile_id == pair.profile_a_id
    assert 0.5 <= pair.probability < 0.999
    assert pair.value == Decimal("900.00")
    assert pair.fingerprint == fingerprint(one.profile_id, two.profile_id)
    assert pair.model_id == run.model_id
    assert sum(piece["weight"] for piece in pair.evidence) == pytest.approx(pair.weight, abs=0.01)
    name = next(piece for piece in pair.evidence if piece["comparison"] == "name")
    assert (name["left"], name["right"]) == ("siri vik", "siri vik")


def test_left_and_right_of_the_evidence_are_the_pair_s_own() -> None:
    doubtful()
    match_people()
    pair = the_question()
    mail = next(piece for piece in pair.evidence if piece["comparison"] == "email")
    assert (mail["left"], mail["right"]) == (pair.record_a.email, pair.record_b.email)


def test_a_pair_that_is_no_longer_likely_is_gone_and_comes_back_as_itself() -> None:
    doubtful()
    match_people()
    pair = the_question()
    tell("shop", 201, "Olav Berg", "b201@home.no", postal_code="5003", day=1)
    assert match_people().queue["gone"] == 1
    pair.refresh_from_db()
    assert pair.state == State.GONE
    tell("shop", 201, "Siri Vik", "b201@home.no", postal_code="5003", day=2)
    assert match_people().queue["again"] == 1
    assert the_question().pk == pair.pk


def test_a_pair_that_somebody_looks_at_is_not_taken_from_them() -> None:
    doubtful()
    match_people()
    pair = the_question()
    soon = timezone.now() + timedelta(minutes=5)
    MatchPair.objects.filter(pk=pair.pk).update(claimed_by=ALICE, claimed_until=soon)
    tell("shop", 201, "Olav Berg", "b201@home.no", postal_code="5003", day=1)
    match_people()
    assert the_question().claimed_by == ALICE


def test_an_open_pair_follows_new_values() -> None:
    doubtful()
    match_people()
    before = the_question()
    tell("shop", 201, "Siri Vik", "b201@home.no", postal_code="5003", street="Strandgaten 2", day=1)
    tell("tickets", 200, "Siri Vik", "a200@work.no", postal_code="5003", street="Strandgaten 2", day=1)
    assert match_people().queue["changed"] == 1
    after = the_question()
    assert after.pk == before.pk
    assert after.weight != before.weight
    assert after.fingerprint != before.fingerprint


def test_a_pair_told_apart_is_quiet_until_what_matters_changes() -> None:
    doubtful()
    match_people()
    answered = the_question()
    tell_apart(answered)
    assert match_people().queue["quiet"] == 1
    tell("shop", 201, "Siri Vik", "b201@home.no", postal_code="5003", language="nb", day=1)
    assert match_people().queue["quiet"] == 1
    tell("shop", 201, "Siri Vik", "b201@home.no", postal_code="5003", phone="+4791234567", day=2)
    run = match_people()
    assert run.queue["new"] == 1
    asked = the_question()
    assert asked.pk != answered.pk
    assert (asked.blocked_by, asked.reason) == (asking.TOLD_APART, "Mother and daughter")
    before = everything()
    match_people()
    assert everything() == before


def test_an_uploaded_never_link_says_nothing_of_looks_and_stays_quiet() -> None:
    one, two = doubtful()
    verbs.apart(profiles=[one.profile, two.profile], actor=ALICE, reason="From the list")
    tell("shop", 201, "Siri Vik", "b201@home.no", postal_code="5003", phone="+4791234567", day=2)
    assert match_people().queue["quiet"] == 1


def test_the_queue_has_an_end_and_what_was_cut_is_counted(alice: User) -> None:
    for number in range(3):
        doubtful(f"Siri Vik{'abc'[number] * 3}", 200 + 10 * number, postal_code=f"500{number}")
    rich = tell("till", 300, "Ada Lund", "ada@work.no", postal_code="6003", price="90000.00")
    tell("shop", 301, "Ada Lund", "lund@home.no", postal_code="6003")
    thresholds.change(Thresholds(), actor=alice, longest=2)
    run = match_people()
    assert (run.queue["waiting"], run.queue["cut"]) == (2, 2)
    asked = MatchPair.objects.filter(state=State.OPEN)
    assert rich.pk in {record for pair in asked for record in (pair.record_a_id, pair.record_b_id)}


# --- what is sure no longer ----------------------------------------------------------


def test_a_link_that_holds_no_more_is_lifted_and_put_to_a_person() -> None:
    one, two = sure()
    match_people()
    tell("shop", 101, "Ola Berg", "kari101@home.no", street="Andegata 1", postal_code="9008", day=1)
    run = match_people()
    assert run.lifted == 1
    assert not are_one(one, two)
    link = MatchLink.objects.get()
    assert link.lifted_by
    assert link.lifted_by.evidence["lifted"] == 1
    pair = the_question()
    assert pair.rule == "lifted"
    assert pair.probability < 0.5
    match_people()
    assert the_question().pk == pair.pk


def test_what_people_approved_is_not_lifted() -> None:
    one, two = doubtful()
    verbs.bulk_link(pairs=[(one.pk, two.pk, 4.0, 0.94, None)], actor=ALICE)
    tell("shop", 201, "Ola Berg", "b201@home.no", postal_code="9008", day=1)
    assert match_people().lifted == 0
    assert MatchLink.objects.get().lifted_by is None


# --- settings, models ----------------------------------------------------------------


def thresholds_of(automatic: float, review: float) -> None:
    thresholds.change(Thresholds(automatic, review), actor=User.objects.get(email=ALICE))


def test_the_organisation_moves_the_bands() -> None:
    pair = doubtful()
    thresholds_of(0.999, 0.99)
    match_people()
    assert not MatchPair.objects.exists()
    thresholds_of(0.9, 0.5)
    match_people()
    assert are_one(*pair)


def test_few_people_are_matched_by_the_platform_s_model() -> None:
    doubtful()
    run = match_people()
    assert not run.trained
    assert MatchModel.objects.get().parameters == platform.model().as_json()


def test_an_organisation_with_people_enough_learns_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "FEWEST_PEOPLE", 2)
    for number in range(12):
        doubtful(f"Siri{'abcdefghijkl'[number] * 3} Vik", 200 + 10 * number, postal_code=f"50{number:02}")
    first = match_people()
    assert first.trained
    assert MatchModel.objects.get().parameters != platform.model().as_json()
    tell("web", 900, "Nils Lund", "nils@lund.no", postal_code="4001")
    assert match_people(train=False).model_id == first.model_id
    again = match_people()
    assert again.model_id != first.model_id
    assert MatchModel.objects.get(pk=first.model_id or 0).parameters == {}
    assert MatchModel.objects.get(pk=first.model_id or 0).report["trained"]


def test_what_people_answered_is_learnt_from_where_it_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too few answers teach nothing; the fit decides whether enough of them do."""
    for number in range(3):
        doubtful(f"Siri Vik{'abc'[number] * 3}", 200 + 10 * number, postal_code=f"500{number}")
    assert not match_people().reranked
    one, two, three = MatchPair.objects.order_by("pk")
    tell_apart(one)
    verbs.merge(profiles=[two.profile_a, two.profile_b], actor=ALICE, pair=two)
    asked: list[list[bool]] = []

    def fit(found: Any, merged: Any) -> Reranker:
        asked.append(merged.tolist())
        width = found.shape[1]
        return Reranker(np.zeros(width), np.ones(width), -9.0, np.zeros(width))

    monkeypatch.setattr(rerank, "FEWEST_ANSWERS", 2)
    monkeypatch.setattr(rerank, "fit", fit)
    run = match_people()
    assert run.reranked
    assert asked == [[False, True]]
    three.refresh_from_db()
    assert three.state == State.GONE
    assert "reranker" in MatchModel.objects.get(pk=run.model_id or 0).parameters


def test_the_report_is_kept_with_the_model() -> None:
    sure()
    doubtful()
    assert last_run() is None
    run = match_people(actor=ALICE)
    kept = last_run()
    assert kept == run
    assert (kept.started_by, kept.records, kept.people, kept.bands) == (
        ALICE, 4, 4, {"automatic": 1, "review": 1},
    )  # fmt: skip
    assert {"features", "match", "write", "households"} <= kept.seconds.keys()


def test_nobody_to_match_is_a_run_too() -> None:
    run = match_people()
    assert (run.records, run.linked, run.queue["waiting"]) == (0, 0, 0)


# --- alone, whole, and of one organisation ---------------------------------------------


def test_one_at_a_time() -> None:
    with locks.held("match", nightly.key()) as free:
        assert free
        with pytest.raises(nightly.Busy):
            match_people()


def test_what_changed_meanwhile_is_left_for_the_next_night(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = sure()
    doubtful()
    read = snapshot.read

    def read_then_deliver() -> snapshot.Snapshot:
        found = read()
        tell("shop", 101, "Olga Berg", "kari101@home.no", day=1)
        return found

    monkeypatch.setattr(snapshot, "read", read_then_deliver)
    run = match_people()
    assert (run.dropped, run.linked) == (1, 0)
    assert not are_one(*pair)
    assert run.queue["new"] == 1


def test_killed_half_way_nothing_is_half_done(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = sure()
    doubtful()
    before = everything()

    def killed(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(asking, "ask", killed)
        with pytest.raises(KeyboardInterrupt):
            match_people()
    assert everything() == before
    assert match_people().linked == 1
    assert are_one(*pair)


def test_another_organisation_s_people_are_never_matched(borealis: Organisation) -> None:
    one = tell("tickets", 100, "Kari Ødegård", "kari@work.no", **HOME, **BORN)
    with tenant_context(borealis):
        tell("shop", 101, "Kari Ødegård", "kari@home.no", **HOME, **BORN)
        assert match_people().linked == 0
        doubtful()
        match_people()
    assert match_people().linked == 0
    assert not MatchPair.objects.exists()
    assert SourceRecord.objects.get() == one


def test_the_report_holds_nobody_s_data() -> None:
    sure()
    doubtful()
    match_people()
    report = str(MatchModel.objects.get().report).lower()
    assert not any(word in report for word in ("kari", "siri", "storgata", "work.no", "5003"))
