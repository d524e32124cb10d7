"""Links between people as a table: judged line by line, applied as one act, nothing lost."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from organisations.models import Organisation, User
from profiles.identity import link_files, upload, verbs
from profiles.models import IdentityAct, LinkConstraint, LinkUpload
from tests.conftest import ClientFor
from tests.profiles.acts import WHO, a_record, groups, ids, membership, people, person_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]


@pytest.fixture(autouse=True)
def four(in_aurora: Organisation) -> None:
    for key in "abcd":
        a_record(key, email=f"{key}@example.no", name=f"Kari {key.upper()}")


def a_table(*lines: dict[str, str]) -> LinkUpload:
    text = io.StringIO()
    writer = csv.DictWriter(text, link_files.COLUMNS, delimiter=";")
    writer.writeheader()
    writer.writerows(lines)
    return upload.receive(name="links.csv", content=text.getvalue().encode(), actor=WHO)


def line(link: str, a: str, b: str, **more: str) -> dict[str, str]:
    return {"link": link, "a_email": f"{a}@example.no", "b_email": f"{b}@example.no", **more}


def problems(table: LinkUpload) -> list[str]:
    return [verdict.problem for verdict in upload.judge(table.rows)]


def test_everybody_can_be_named_in_every_way() -> None:
    a_record("e", phone="41229017", name="Kari E")
    lines = (
        {
            "link": "must",
            "a_profile": str(person_of("a").public_id),
            "b_source": "source-b",
            "b_external_id": "b",
        },
        {"link": "MUST", "a_email": " C@Example.no ", "b_phone": "41 22 90 17", "reason": "same desk"},
    )
    table = a_table(*lines)
    assert problems(table) == ["", ""]
    act = upload.apply(upload=table, actor=WHO)
    assert people() == groups("ab", "ce", "d")
    assert act.kind == IdentityAct.Kind.UPLOAD
    assert set(act.constraints.values_list("reason", flat=True)) == {"links.csv", "same desk"}


def test_an_id_that_was_merged_away_names_who_it_became() -> None:
    gone = {key: person_of(key) for key in "ab"}
    verbs.merge(profiles=list(gone.values()), actor=WHO)
    away = next(person for person in gone.values() if person != person_of("a"))
    upload.apply(
        upload=a_table({"link": "must", "a_profile": str(away.public_id), "b_email": "c@example.no"}),
        actor=WHO,
    )
    assert people() == groups("abc", "d")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"link": "maybe", "a_email": "a@example.no", "b_email": "b@example.no"}, "must be must or never"),
        ({"link": "must", "a_email": "a@example.no"}, "Side b names nobody"),
        ({"link": "must", "a_profile": "x", "b_email": "b@example.no"}, "Nobody has the id x"),
        (
            {"link": "must", "a_source": "source-a", "a_external_id": "zz", "b_email": "b@example.no"},
            "no record zz",
        ),
        ({"link": "must", "a_email": "nobody@example.no", "b_email": "b@example.no"}, "Nobody is known by"),
        ({"link": "must", "a_phone": "not a number", "b_email": "b@example.no"}, "Nobody is known by"),
        ({"link": "never", "a_email": "a@example.no", "b_email": "a@example.no"}, "Both are one person"),
    ],
)
def test_what_cannot_be_applied_says_why(wrong: dict[str, str], said: str) -> None:
    [problem] = problems(a_table(wrong))
    assert said in problem


def test_an_address_of_several_people_is_ambiguous() -> None:
    a_record("e", email="a@example.no", name="Ola Vik")
    [problem] = problems(a_table(line("must", "a", "b")))
    assert "is on 2 people" in problem


def test_lines_that_contradict_earlier_ones_are_named() -> None:
    table = a_table(
        line("must", "a", "b"), line("must", "b", "c"), line("never", "a", "c"),
        line("never", "a", "d"), line("must", "d", "c"),
    )  # fmt: skip
    assert problems(table) == [
        "", "", "Contradicts earlier lines, which make these one person.", "", "Contradicts line 4.",
    ]  # fmt: skip


def test_a_file_never_overrules_a_persons_word() -> None:
    verbs.apart(profiles=[person_of("a"), person_of("b")], actor=WHO, reason="twins")
    verbs.merge(profiles=[person_of("c"), person_of("d")], actor=WHO)
    parts = {"a_source": "source-c", "a_external_id": "c", "b_source": "source-d", "b_external_id": "d"}
    one, two = problems(a_table(line("must", "a", "b"), {"link": "never", **parts}))
    assert "alice@example.org has said otherwise" in one
    assert "twins" in one
    assert "has said otherwise" in two


def test_good_lines_are_applied_bad_ones_come_back_as_a_file_and_all_is_one_act() -> None:
    before = membership()
    table = a_table(
        line("must", "a", "b"), line("must", "a", "nobody", reason="=1+1"), line("never", "c", "d")
    )
    act = upload.apply(upload=table, actor=WHO)
    assert people() == groups("ab", "c", "d")
    assert sorted(act.constraints.values_list("kind", flat=True)) == ["cannot", "must"]
    table.refresh_from_db()
    left = list(
        csv.DictReader(
            io.StringIO("".join(upload.bad_lines(upload.remembered(table))).lstrip("\ufeff")), delimiter=";"
        )
    )
    assert [(each["line"], each["reason"]) for each in left] == [("2", "'=1+1")]
    assert "Nobody is known by" in left[0]["problem"]
    with pytest.raises(verbs.NotPossible, match="already"):
        upload.apply(upload=table, actor=WHO)
    verbs.undo(act=act, actor=WHO)
    assert membership() == before
    assert not LinkConstraint.objects.filter(lifted_by=None).exists()


def test_two_records_of_one_person_are_told_apart_by_naming_them() -> None:
    a_record("e", email="a@example.no", name="Kari A")
    assert people() == groups("ae", "b", "c", "d")
    parts = {"a_source": "source-a", "a_external_id": "a", "b_source": "source-e", "b_external_id": "e"}
    upload.apply(upload=a_table({"link": "never", **parts}), actor=WHO)
    assert people() == groups("a", "e", "b", "c", "d")


def test_undoing_an_upload_says_which_later_merge_rests_on_it() -> None:
    act = upload.apply(upload=a_table(line("must", "a", "b")), actor=WHO)
    later = verbs.merge(profiles=[person_of("a"), person_of("c")], actor=WHO)
    with pytest.raises(verbs.InTheWay) as found:
        verbs.undo(act=act, actor=WHO)
    assert found.value.acts == [later]


def test_a_word_is_lifted_and_holds_again_when_that_is_taken_back() -> None:
    said = verbs.merge(profiles=[person_of("a"), person_of("b")], actor=WHO).constraints.get()
    act = upload.lift(constraint=said, actor=WHO)
    assert people() == groups("a", "b", "c", "d")
    with pytest.raises(verbs.NotPossible):
        upload.lift(constraint=said, actor=WHO)
    verbs.undo(act=act, actor=WHO)
    assert people() == groups("ab", "c", "d")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "link"),
        (b"a;b\n1;2\n", "link"),
        (b"link;colour\nmust;red\n", "colour"),
        (b"link;a_email;b_email\n", "no lines"),
        (b"link;a_email;b_email\n" + b"must;a@x.no;b@x.no\n" * 5001, "At most"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_of_links_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(link_files.Unreadable, match=said):
        upload.receive(name="x.csv", content=content, actor=WHO)


def test_commas_tabs_and_old_encodings_are_read() -> None:
    for delimiter in ",\t;":
        lines = (("link", "a_email", "b_email", "reason"), ("must", "a@x.no", "b@x.no", "søsken"))
        text = "\n".join(delimiter.join(cells) for cells in lines)
        for encoding in ("utf-8-sig", "cp1252"):
            [row] = link_files.read(text.encode(encoding))
            assert row["reason"] == "søsken"


def test_tables_are_emptied_after_thirty_days() -> None:
    table = a_table(line("must", "a", "b"))
    LinkUpload.objects.filter(pk=table.pk).update(created_at=timezone.now() - timedelta(days=31))
    assert upload.forget_old() == 1
    table.refresh_from_db()
    assert table.rows == []
    with pytest.raises(verbs.NotPossible, match="too old"):
        upload.apply(upload=table, actor=WHO)


def test_the_page_shows_verdicts_applies_and_lists_with_a_way_back(
    alice: User, aurora: Organisation, client_for: ClientFor
) -> None:
    browser: Client = client_for(alice, aurora)
    content = b"link;a_email;b_email;reason\nmust;a@example.no;b@example.no;desk\n"
    content += b"must;a@example.no;zz@example.no;\n"
    sent = browser.post(
        reverse("identity:links"), {"file": SimpleUploadedFile("t.csv", content)}, follow=True
    )
    assert (sent.context["good"], sent.context["bad"]) == (1, 1)
    assert "Nobody is known by zz@example.no" in sent.content.decode()
    table = LinkUpload.objects.get()
    left = browser.get(reverse("identity:links_left", args=[table.pk]))
    assert "zz@example.no" in left.content.decode()
    assert [row["b_email"] for row in link_files.read(left.content)] == ["zz@example.no"]
    listed = browser.post(reverse("identity:links_uploaded", args=[table.pk]), follow=True).content.decode()
    assert people() == groups("ab", "c", "d")
    assert "desk" in listed
    act = IdentityAct.objects.get()
    assert reverse("identity:undo", args=[act.pk]) in listed
    applied = browser.get(reverse("identity:links_uploaded", args=[table.pk])).content.decode()
    assert "alice@example.org applied 1 of its 2 lines" in applied
    word = LinkConstraint.objects.get()
    browser.post(reverse("identity:links_lift", args=[word.pk]))
    assert people() == groups("a", "b", "c", "d")
    assert ids("a")
