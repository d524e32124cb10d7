"""Members: roles, removal, and the last administrator."""

import threading

import pytest
from django.db import connection
from django.urls import reverse
from django_tenants.utils import tenant_context

from organisations import verbs
from organisations.audit.models import AuditEntry
from organisations.errors import Refused
from organisations.models import Membership, Organisation, User
from organisations.roles import CAPABILITIES, Can, Role
from tests.conftest import ClientFor

pytestmark = pytest.mark.django_db


def membership(user: User, organisation: Organisation) -> Membership:
    return Membership.objects.get(user=user, organisation=organisation)


def entries(organisation: Organisation) -> list[tuple[str, str, str]]:
    with tenant_context(organisation):
        return list(AuditEntry.objects.order_by("id").values_list("verb", "actor_label", "target"))


def test_it_changes_a_role_and_writes_it_down(alice: User, bob: User, aurora: Organisation) -> None:
    verbs.change_role(actor=alice, membership=membership(bob, aurora), role=Role.PRIVACY_LEAD)
    assert membership(bob, aurora).role == "privacy_lead"
    assert entries(aurora)[-1] == ("member.role_changed", "Alice", bob.email)
    with tenant_context(aurora):
        assert AuditEntry.objects.latest("id").summary == {"role": {"from": "marketer", "to": "privacy_lead"}}


def test_a_role_that_stays_writes_nothing(alice: User, bob: User, aurora: Organisation) -> None:
    before = entries(aurora)
    verbs.change_role(actor=alice, membership=membership(bob, aurora), role=Role.MARKETER)
    assert entries(aurora) == before


def test_a_removed_member_is_out_at_the_next_click(
    alice: User, bob: User, aurora: Organisation, client_for: ClientFor
) -> None:
    bobs = client_for(bob, aurora)
    assert bobs.get(reverse("settings")).context["organisation"] == aurora
    verbs.remove_member(actor=alice, membership=membership(bob, aurora))
    assert bobs.get(reverse("settings")).context["organisation"] is None
    assert entries(aurora)[-1] == ("member.removed", "Alice", bob.email)


def test_a_changed_role_counts_at_the_next_click(
    alice: User, bob: User, aurora: Organisation, client_for: ClientFor
) -> None:
    bobs = client_for(bob, aurora)
    assert bobs.get(reverse("settings_members")).status_code == 403
    verbs.change_role(actor=alice, membership=membership(bob, aurora), role=Role.ADMINISTRATOR)
    assert bobs.get(reverse("settings_members")).status_code == 200


def test_the_last_administrator_cannot_leave(alice: User, aurora: Organisation) -> None:
    with pytest.raises(Refused, match="at least one administrator"):
        verbs.remove_member(actor=alice, membership=membership(alice, aurora))
    with pytest.raises(Refused, match="at least one administrator"):
        verbs.change_role(actor=alice, membership=membership(alice, aurora), role=Role.MARKETER)
    assert membership(alice, aurora).role == "administrator"


def test_a_second_administrator_frees_the_first(alice: User, bob: User, aurora: Organisation) -> None:
    verbs.change_role(actor=alice, membership=membership(bob, aurora), role=Role.ADMINISTRATOR)
    verbs.remove_member(actor=alice, membership=membership(alice, aurora))
    assert not Membership.objects.filter(user=alice, organisation=aurora).exists()


def test_a_closed_account_is_no_administrator(alice: User, bob: User, aurora: Organisation) -> None:
    verbs.change_role(actor=alice, membership=membership(bob, aurora), role=Role.ADMINISTRATOR)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    with pytest.raises(Refused):
        verbs.remove_member(actor=alice, membership=membership(alice, aurora))


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_remove_each_other_at_once(
    alice: User, bob: User, aurora: Organisation
) -> None:
    verbs.change_role(actor=alice, membership=membership(bob, aurora), role=Role.ADMINISTRATOR)
    start = threading.Barrier(2)
    refused: list[User] = []

    def remove(actor: User, other: User) -> None:
        start.wait()
        try:
            verbs.remove_member(actor=actor, membership=membership(other, aurora))
        except (Refused, Membership.DoesNotExist):
            refused.append(actor)
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=pair) for pair in ((alice, bob), (bob, alice))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert Membership.objects.filter(organisation=aurora, role="administrator").count() == 1


def test_the_page_lists_members_of_this_organisation_only(
    alice: User, charlie: User, aurora: Organisation, client_for: ClientFor
) -> None:
    page = client_for(alice, aurora).get(reverse("settings_members")).content.decode()
    assert "Bob" in page
    assert "Charlie" not in page


def test_the_page_tells_why_the_last_administrator_stays(
    alice: User, aurora: Organisation, client_for: ClientFor
) -> None:
    url = reverse("settings_member", args=[membership(alice, aurora).pk])
    answer = client_for(alice, aurora).post(url, {"role": "marketer"})
    assert "at least one administrator" in answer.content.decode()


def test_administrators_may_do_everything() -> None:
    assert CAPABILITIES[Role.ADMINISTRATOR] == set(Can)


def test_every_role_has_its_capabilities_and_its_explanation() -> None:
    from organisations.roles import ROLE_HELP

    assert set(CAPABILITIES) == set(ROLE_HELP) == set(Role)


def test_only_administrators_manage_members_tokens_and_connections() -> None:
    kept = {Can.MANAGE_MEMBERS, Can.MANAGE_TOKENS, Can.MANAGE_CONNECTIONS, Can.UNDO_RUNS}
    for role in set(Role) - {Role.ADMINISTRATOR}:
        assert not kept & CAPABILITIES[role]
