"""Rows of the permission table for the people pages."""

from dataclasses import replace
from typing import Any

from organisations.models import Organisation, User
from organisations.roles import Can
from profiles.identity import answers, dry_run, rules, thresholds, units, upload, verbs
from profiles.identity.survivorship import pin
from profiles.models import Identifier, IdentityAct, MatchPair, Profile, RuleTrial, SourceRecord
from tests.organisations.access_table import Page
from tests.profiles.pairs import ask, two_people
from tests.profiles.sample import deliver, ticket


def a_person(organisation: Organisation) -> dict[str, Any]:
    deliver([ticket(1, email="kari@example.no")])
    return {"public_id": Profile.objects.get(email="kari@example.no").public_id}


def a_pair(organisation: Organisation) -> dict[str, Any]:
    return {"pk": ask(*two_people()).pk}


def what_is_shown() -> dict[str, str]:
    return {"shown": answers.shown(MatchPair.objects.get())}


def an_answered_pair(organisation: Organisation) -> dict[str, Any]:
    pair = ask(*two_people())
    answers.merge(pair.pk, actor="alice@example.org", shown=answers.shown(pair))
    return {"pk": pair.pk}


def changed_thresholds(organisation: Organisation) -> dict[str, Any]:
    alice = User.objects.get(email="alice@example.org")
    return {"pk": thresholds.change(thresholds.Thresholds(0.99, 0.5), actor=alice).pk}


def chosen() -> dict[str, Any]:
    return {"unit": "name", "record": SourceRecord.objects.get(email="kari@example.no").pk}


def a_person_with_a_choice(organisation: Organisation) -> dict[str, Any]:
    about = a_person(organisation)
    pin(profile=Profile.objects.get(**about), actor="alice@example.org", **chosen())
    return about


def a_trial_of_rules(organisation: Organisation) -> dict[str, Any]:
    now = rules.load()
    wanted = now.with_kind(replace(now.by_key()["email"], max_profiles=9))
    deliver([ticket(1, email="kari@example.no")])
    trial = dry_run.begin_trial(wanted, actor="alice@example.org")
    dry_run.run(trial.pk)
    return {"pk": trial.pk}


def applied_rules(organisation: Organisation) -> dict[str, Any]:
    about = a_trial_of_rules(organisation)
    trial = RuleTrial.objects.get(**about)
    dry_run.apply(trial, actor=User.objects.get(email="alice@example.org"))
    dry_run.run(trial.pk)
    return about


def a_held_value(organisation: Organisation) -> dict[str, Any]:
    deliver([ticket(1, email="post@theatre.no")])
    Identifier.objects.update(state="held")
    return {"pk": Identifier.objects.get(kind="email").pk}


def a_trial(organisation: Organisation) -> dict[str, Any]:
    told = units.as_json(units.rules())
    trial = RuleTrial.objects.create(rules="survivorship", state="tried", before=told, wanted=told)
    return {"pk": trial.pk}


def an_applied_trial(organisation: Organisation) -> dict[str, Any]:
    about = a_trial(organisation)
    act = IdentityAct.objects.create(kind="rules", actor="alice@example.org")
    RuleTrial.objects.filter(**about).update(state="applied", act=act)
    return about


def a_merged_person(organisation: Organisation) -> dict[str, Any]:
    merged = verbs.merge(profiles=two_people(), actor="alice@example.org")
    return {"public_id": merged.decisions.get().survivor.public_id}


def a_merge(organisation: Organisation) -> dict[str, Any]:
    return {"pk": verbs.merge(profiles=two_people(), actor="alice@example.org").pk}


def somebody_else() -> dict[str, Any]:
    deliver([ticket(9, email="ola@example.no", name="Ola Vik")])
    return {"with": str(Profile.objects.get(email="ola@example.no").public_id), "reason": "said so"}


def one_record() -> dict[str, Any]:
    chosen_one = SourceRecord.objects.filter(profile__state="active").order_by("pk").last()
    return {"go": str(chosen_one.pk) if chosen_one else "", "reason": "two people"}


def a_table(organisation: Organisation) -> dict[str, Any]:
    one, two = two_people()
    content = f"link;a_profile;b_profile\nmust;{one.public_id};{two.public_id}\n".encode()
    return {"pk": upload.receive(name="links.csv", content=content, actor="alice@example.org").pk}


def a_word(organisation: Organisation) -> dict[str, Any]:
    act = verbs.apart(profiles=two_people(), actor="alice@example.org", reason="two")
    return {"pk": act.constraints.get().pk}


PAGES = [
    Page("identity:links", Can.MANAGE_IDENTITY),
    Page("identity:links", Can.MANAGE_IDENTITY, "post"),
    Page("identity:links_uploaded", Can.MANAGE_IDENTITY, about=a_table),
    Page("identity:links_uploaded", Can.MANAGE_IDENTITY, "post", about=a_table, allowed=302),
    Page("identity:links_left", Can.MANAGE_IDENTITY, about=a_table),
    Page("identity:links_lift", Can.MANAGE_IDENTITY, "post", about=a_word, allowed=302),
    Page("identity:merge", Can.MERGE_PEOPLE, about=a_person, data=somebody_else),
    Page("identity:merge", Can.MERGE_PEOPLE, "post", about=a_person, data=somebody_else, allowed=302),
    Page("identity:apart", Can.MERGE_PEOPLE, about=a_merged_person, data=one_record),
    Page("identity:apart", Can.MERGE_PEOPLE, "post", about=a_merged_person, data=one_record, allowed=302),
    Page("identity:undo", Can.MERGE_PEOPLE, "post", about=a_merge, allowed=302),
    Page("profiles:people", Can.SEE_PEOPLE),
    Page("profiles:find", Can.SEE_PEOPLE, data={"q": "kari"}),
    Page("profiles:purpose", Can.SEE_PEOPLE, "post", data={"purpose": "service"}, allowed=302),
    Page("profiles:person", Can.SEE_PEOPLE, about=a_person),
    Page("profiles:guard", Can.HANDLE_REQUESTS, "post", about=a_person, allowed=302),
    Page("identity:rules", Can.MANAGE_IDENTITY),
    Page("identity:rules_try", Can.MANAGE_IDENTITY, "post", allowed=302),
    Page("identity:rules_kind", Can.MANAGE_IDENTITY, "post", data={"label": "Season card"}, allowed=302),
    Page("identity:rules_judge", Can.MANAGE_IDENTITY, "post", a_held_value, {"state": "shared"}, allowed=302),
    Page("identity:rules_trial", Can.MANAGE_IDENTITY, about=a_trial_of_rules),
    Page("identity:rules_apply", Can.MANAGE_IDENTITY, "post", about=a_trial_of_rules, allowed=302),
    Page("identity:rules_again", Can.MANAGE_IDENTITY, "post", about=a_trial_of_rules, allowed=302),
    Page("identity:rules_undo", Can.MANAGE_IDENTITY, "post", about=applied_rules, allowed=302),
    Page("identity:survivorship", Can.MANAGE_IDENTITY),
    Page("identity:survivorship_try", Can.MANAGE_IDENTITY, "post", allowed=302),
    Page("identity:survivorship_trial", Can.MANAGE_IDENTITY, about=a_trial),
    Page("identity:survivorship_apply", Can.MANAGE_IDENTITY, "post", about=a_trial, allowed=302),
    Page("identity:survivorship_undo", Can.MANAGE_IDENTITY, "post", about=an_applied_trial, allowed=302),
    Page("identity:use_value", Can.EDIT_PEOPLE, "post", about=a_person, data=chosen, allowed=302),
    Page(
        "identity:use_rules",
        Can.EDIT_PEOPLE,
        "post",
        about=a_person_with_a_choice,
        data={"unit": "name"},
        allowed=302,
    ),
    Page("identity:review", Can.MERGE_PEOPLE),
    Page("identity:review_next", Can.MERGE_PEOPLE, allowed=302),
    Page("identity:review_pair", Can.MERGE_PEOPLE, about=a_pair),
    Page(
        "identity:review_answer",
        Can.MERGE_PEOPLE,
        "post",
        about=a_pair,
        data=lambda: {"answer": "merge", **what_is_shown()},
        allowed=302,
    ),
    Page("identity:review_hold", Can.MERGE_PEOPLE, "post", about=a_pair),
    Page("identity:review_release", Can.MERGE_PEOPLE, "post", about=a_pair, allowed=302),
    Page("identity:review_undo", Can.MERGE_PEOPLE, "post", about=an_answered_pair, allowed=302),
    Page("identity:review_match", Can.MANAGE_IDENTITY, "post", allowed=302),
    Page("identity:review_band", Can.MERGE_PEOPLE, query="?band=0.95"),
    Page("identity:review_approve", Can.MANAGE_IDENTITY, "post", data={"band": "0.95"}, allowed=302),
    Page(
        "identity:review_thresholds",
        Can.MANAGE_IDENTITY,
        "post",
        data={"automatic": "0.99", "review": "0.5"},
        allowed=302,
    ),
    Page("identity:review_take_back", Can.MANAGE_IDENTITY, "post", about=changed_thresholds, allowed=302),
]
