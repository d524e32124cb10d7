"""Who is who keeps to its own: roles, organisations, personal data, and what people type."""

from __future__ import annotations

import time

import pytest
from django.urls import reverse
from django_tenants.utils import tenant_context

from organisations.audit.models import AccessEntry, AuditEntry
from organisations.models import Membership, Organisation, User
from profiles.identity import answers, dry_run, journal, link_files, rules, upload, verbs, why, wording
from profiles.identity.acting import NotPossible
from profiles.identity.rules import Block
from profiles.models import IdentityAct, LinkConstraint, MatchPair
from tests.conftest import ClientFor
from tests.profiles.pairs import ask, two_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora(aurora: Organisation) -> User:
    """Customer service: may merge people, and manages no rules."""
    user = User.objects.create_user(email="dora@example.org", password="a long enough password")
    Membership.objects.create(user=user, organisation=aurora, role="customer_service")
    return user


def uploaded(actor: User) -> IdentityAct:
    one, two = two_people()
    content = f"link;a_profile;b_profile\nmust;{one.public_id};{two.public_id}\n".encode()
    table = upload.receive(name="links.csv", content=content, actor=actor.email)
    return upload.apply(upload=table, actor=actor.email)


def test_who_manages_no_rules_does_not_bring_back_an_upload_that_was_taken_back(
    in_aurora: Organisation, alice: User, dora: User, client_for: ClientFor
) -> None:
    taken_back = verbs.undo(act=uploaded(alice), actor=alice.email)
    answer = client_for(dora, in_aurora).post(reverse("identity:undo", args=[taken_back.pk]))
    assert answer.status_code == 403
    assert not LinkConstraint.objects.filter(lifted_by=None).exists()


def test_who_manages_no_rules_does_not_bring_back_a_link_that_was_lifted(
    in_aurora: Organisation, alice: User, dora: User, client_for: ClientFor
) -> None:
    uploaded(alice)
    lifted = upload.lift(constraint=LinkConstraint.objects.get(), actor=alice.email)
    answer = client_for(dora, in_aurora).post(reverse("identity:undo", args=[lifted.pk]))
    assert answer.status_code == 403


def test_who_manages_no_rules_does_not_take_a_whole_approval_back_by_one_of_its_pairs(
    in_aurora: Organisation, alice: User, dora: User, client_for: ClientFor
) -> None:
    pair = ask(*two_people())
    act = IdentityAct.objects.create(kind="bulk", actor=alice.email)
    MatchPair.objects.filter(pk=pair.pk).update(state="merged", act=act)
    answer = client_for(dora, in_aurora).post(reverse("identity:review_undo", args=[pair.pk]))
    assert answer.status_code == 403
    assert not IdentityAct.objects.filter(undoes=act).exists()


def test_the_last_answer_does_not_follow_somebody_into_another_organisation(
    aurora: Organisation, borealis: Organisation, alice: User, client_for: ClientFor
) -> None:
    Membership.objects.get_or_create(user=alice, organisation=borealis, role="administrator")
    with tenant_context(aurora):
        pair = ask(*two_people())
        shown = answers.shown(pair)
    browser = client_for(alice, aurora)
    browser.post(reverse("identity:review_answer", args=[pair.pk]), {"answer": "merge", "shown": shown})
    with tenant_context(borealis):
        other = ask(*two_people(2))
    browser.post(reverse("organisation"), {"organisation": borealis.slug})
    page = browser.get(reverse("identity:review_pair", args=[other.pk])).content.decode()
    assert "Undo the last answer" not in page.split("<h1")[1].split("data-open")[0]


def test_nobodys_name_is_kept_in_a_session_or_a_cookie(
    in_aurora: Organisation, alice: User, client_for: ClientFor
) -> None:
    pair = ask(*two_people())
    browser = client_for(alice, in_aurora)
    given = {"answer": "merge", "shown": answers.shown(pair)}
    answer = browser.post(reverse("identity:review_answer", args=[pair.pk]), given)
    assert "messages" not in answer.cookies
    browser.get(answer["Location"], follow=True)
    assert "Solveig" not in str(dict(browser.session))


def test_the_audit_log_says_that_blocked_values_changed_and_names_none(
    in_aurora: Organisation, alice: User
) -> None:
    blocked = Block("email", rules.pattern_of("kari.li@example.no"), "")
    rules.save(rules.load().with_block(blocked), actor=alice)
    entries = AuditEntry.objects.filter(verb="identity.rules_changed").values_list("summary", flat=True)
    assert entries
    assert "kari" not in str(list(entries))


def test_an_upload_keeps_nobodys_address_longer_than_its_table(in_aurora: Organisation, alice: User) -> None:
    one, two = two_people()
    content = f"link;a_profile;b_profile;a_email\nmust;{one.public_id};{two.public_id};\nmust;;;zz@example.no"
    table = upload.receive(name="links.csv", content=content.encode(), actor=alice.email)
    act = upload.apply(upload=table, actor=alice.email)
    assert "zz@example.no" not in str(act.evidence)
    table.refresh_from_db()
    (left,) = upload.remembered(table)
    assert left.number == 2
    assert "zz@example.no" in left.problem


def test_whose_addresses_a_trial_shows_is_in_the_access_log(
    in_aurora: Organisation, alice: User, client_for: ClientFor
) -> None:
    one, _two = two_people()
    wanted = rules.load().with_block(Block("email", rules.pattern_of(one.email)))
    trial = dry_run.begin_trial(wanted, actor=alice.email)
    dry_run.run(trial.pk)
    page = client_for(alice, in_aurora).get(reverse("identity:rules_trial", args=[trial.pk]))
    assert one.email in page.content.decode().replace("<wbr>", "").replace("&shy;", "")
    assert one.pk in AccessEntry.objects.get(screen="identity trial").profile_ids


def test_a_reason_chosen_by_key_is_told_in_words_wherever_it_is_told(
    in_aurora: Organisation, alice: User, client_for: ClientFor
) -> None:
    pair = ask(*two_people())
    key, told = next(iter(wording.NOT_THE_SAME))
    words = str(told)
    answers.apart(pair.pk, actor=alice.email, shown=answers.shown(pair), reason=key)
    browser = client_for(alice, in_aurora)
    assert f">{words}</td>" in browser.get(reverse("identity:links")).content.decode()
    assert [entry.reason for entry in journal.of_profile(pair.profile_a)] == [words]
    assert [each.reason for each in why.why(pair.profile_a).apart] == [words]


def test_a_file_that_is_no_table_is_refused_in_words() -> None:
    with pytest.raises(link_files.Unreadable, match="no table"):
        link_files.read(b"link;a_email\nmust;" + b"9" * 200_000)


def test_a_sign_that_no_text_holds_is_no_blocked_value(in_aurora: Organisation, alice: User) -> None:
    with pytest.raises(NotPossible):
        dry_run.begin_trial(rules.load().with_block(Block("email", "a\x00b")), actor=alice.email)
    one, two = two_people()
    assert verbs.merge(profiles=[one, two], actor=alice.email, reason="a\x00b").reason == "ab"


def test_a_blocked_value_full_of_stars_is_looked_for_in_no_time() -> None:
    pattern = rules.pattern_of("*a*a*a*a*a*a*a*a*a*a*b")
    assert rules.value_of(pattern) == "*a*a*a*a*a*a*a*a*a*a*b"
    kinds = rules.RuleSet(
        (rules.KindRule("email", "E-mail", "contact_point", False, 1, 5, None, 10, True, False),),
        (Block("email", pattern),),
    ).blocking()
    began = time.perf_counter()
    assert not kinds.blocked("email", "a" * 60 + "@example.no")
    assert kinds.blocked("email", "a" * 60 + "b")
    assert time.perf_counter() - began < 0.5
