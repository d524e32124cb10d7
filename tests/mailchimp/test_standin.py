"""The stand-in answers as Mailchimp was recorded to answer (docs/reference/mailchimp.md)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from integrations.mailchimp.standin import Standin
from integrations.mailchimp.standin.audience import Audience, subscriber_hash
from tests.fakes.mailchimp import KEY

KARI = "kari@example.no"


@pytest.fixture
def http(standin: Standin) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{standin.base}/3.0", auth=("anything", KEY)) as client:
        yield client


@pytest.fixture
def members(audience: Audience) -> str:
    return f"/lists/{audience.id}/members"


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.headers["x-request-id"] == answer.json()["instance"]
    return answer.status_code, answer.json()["title"]


def test_a_wrong_key_is_refused(standin: Standin) -> None:
    answer = httpx.get(f"{standin.base}/3.0/ping", auth=("x", "wrong-us0"))
    assert problem(answer) == (401, "API Key Invalid")


def test_a_bearer_token_serves_too(standin: Standin, audience: Audience) -> None:
    answer = httpx.get(f"{standin.base}/3.0/lists", headers={"Authorization": f"Bearer {KEY}"})
    assert [found["id"] for found in answer.json()["lists"]] == [audience.id]


def test_members_are_found_by_hash_and_by_address(http: httpx.Client, members: str, standin: Standin) -> None:
    standin.do("set", KARI, status="subscribed")
    for name in (subscriber_hash(KARI), KARI):
        assert http.get(f"{members}/{name}").json()["email_address"] == KARI
    assert problem(http.get(f"{members}/nobody@example.no")) == (404, "Resource Not Found")


def test_adding_a_member_twice_has_a_refusal_without_a_type(http: httpx.Client, members: str) -> None:
    given = {"email_address": KARI, "status": "transactional"}
    assert http.post(members, json=given).status_code == 200
    answer = http.post(members, json=given)
    assert problem(answer) == (400, "Member Exists")
    assert "type" not in answer.json()


def test_made_up_addresses_are_refused(http: httpx.Client, members: str) -> None:
    answer = http.post(members, json={"email_address": "foo@example.com", "status": "subscribed"})
    assert problem(answer) == (400, "Invalid Resource")
    assert answer.json()["detail"] == (
        "foo@example.com looks fake or invalid, please enter a real email address."
    )


def test_merge_fields_are_checked(http: httpx.Client, audience: Audience, members: str) -> None:
    http.post(f"/lists/{audience.id}/merge-fields", json={"tag": "LTV", "name": "Value", "type": "number"})
    given = {"email_address": KARI, "status": "subscribed", "merge_fields": {"LTV": "much"}}
    answer = http.post(members, json=given)
    assert answer.json()["errors"] == [{"field": "LTV", "message": "Please enter a number"}]


@pytest.mark.parametrize("left", ["unsubscribed", "cleaned"])
def test_who_left_cannot_be_subscribed(http: httpx.Client, members: str, standin: Standin, left: str) -> None:
    standin.do("set", KARI, status=left)
    answer = http.patch(f"{members}/{KARI}", json={"status": "subscribed"})
    assert problem(answer) == (400, "Member In Compliance State")


def test_archiving_twice_is_not_allowed(http: httpx.Client, members: str, standin: Standin) -> None:
    standin.do("set", KARI, status="subscribed")
    assert http.delete(f"{members}/{KARI}").status_code == 204
    again = http.delete(f"{members}/{KARI}")
    assert problem(again) == (405, "Method Not Allowed")
    assert again.headers["allow"] == "GET, PUT"
    assert http.get(f"{members}/{KARI}").json()["status"] == "archived"


def test_the_erased_cannot_come_back(http: httpx.Client, members: str, standin: Standin) -> None:
    standin.do("set", KARI, status="subscribed")
    assert http.post(f"{members}/{KARI}/actions/delete-permanent").status_code == 204
    assert http.get(f"{members}/{KARI}").status_code == 404
    answer = http.put(f"{members}/{KARI}", json={"email_address": KARI, "status_if_new": "transactional"})
    assert problem(answer) == (400, "Forgotten Email Not Subscribed")


def test_a_batch_answers_200_with_its_failures_inside(http: httpx.Client, audience: Audience) -> None:
    given = [{"email_address": address, "status_if_new": "transactional"}
             for address in (KARI, "x@example.com")]  # fmt: skip
    answer = http.post(f"/lists/{audience.id}", json={"members": given, "update_existing": True})
    assert answer.status_code == 200
    assert (answer.json()["total_created"], answer.json()["error_count"]) == (1, 1)
    assert answer.json()["errors"][0]["error_code"] == "ERROR_GENERIC"


def test_a_batch_without_update_refuses_who_is_there(
    http: httpx.Client, audience: Audience, standin: Standin
) -> None:
    standin.do("set", KARI, status="subscribed")
    given = {"members": [{"email_address": KARI, "status": "unsubscribed"}]}
    answer = http.post(f"/lists/{audience.id}", json=given).json()
    assert answer["errors"][0]["error_code"] == "ERROR_CONTACT_EXISTS"
    assert audience.find(KARI).status == "subscribed"


def test_status_if_new_leaves_a_member_alone(
    http: httpx.Client, audience: Audience, standin: Standin
) -> None:
    standin.do("set", KARI, status="unsubscribed", tags=["VIP"])
    given = {"members": [{"email_address": KARI, "status_if_new": "subscribed", "tags": ["Hamlet"]}]}
    http.post(f"/lists/{audience.id}", json=given | {"update_existing": True, "sync_tags": False})
    shown = audience.shown(audience.find(KARI))
    assert shown["status"] == "unsubscribed"
    assert {tag["name"] for tag in shown["tags"]} == {"VIP", "Hamlet"}


def test_sync_tags_destroys_hand_made_ones(http: httpx.Client, audience: Audience, standin: Standin) -> None:
    standin.do("set", KARI, status="subscribed", tags=["VIP"])
    given = {"members": [{"email_address": KARI, "status_if_new": "subscribed", "tags": ["Hamlet"]}]}
    http.post(f"/lists/{audience.id}", json=given | {"update_existing": True, "sync_tags": True})
    assert {tag["name"] for tag in audience.shown(audience.find(KARI))["tags"]} == {"Hamlet"}


def test_more_than_500_at_once_are_refused(http: httpx.Client, audience: Audience) -> None:
    given = [{"email_address": f"p{n}@example.no", "status": "subscribed"} for n in range(501)]
    assert http.post(f"/lists/{audience.id}", json={"members": given}).status_code == 400


def test_a_segment_ignores_strangers_silently(
    http: httpx.Client, audience: Audience, standin: Standin
) -> None:
    standin.do("set", KARI, status="subscribed", tags=["Hamlet"])
    tag = audience.tag("Hamlet")
    given = {"members_to_remove": [KARI, "nobody@example.no"]}
    answer = http.post(f"/lists/{audience.id}/segments/{tag}", json=given).json()
    assert (answer["total_removed"], answer["error_count"]) == (1, 0)


def test_a_page_has_at_most_a_thousand(http: httpx.Client, audience: Audience, members: str) -> None:
    for number in range(1100):
        audience.upsert({"email_address": f"p{number}@example.no", "status": "subscribed"})
    answer = http.get(members, params={"count": 5000}).json()
    assert (len(answer["members"]), answer["total_items"]) == (1000, 1100)
    assert len(http.get(members).json()["members"]) == 10


def test_a_webhook_needs_an_address_that_answers(http: httpx.Client, audience: Audience) -> None:
    given = {"url": "http://127.0.0.1:9/", "events": {"unsubscribe": True}, "sources": {"user": True}}
    assert http.post(f"/lists/{audience.id}/webhooks", json=given).status_code == 400


def test_a_wrong_method_says_which_are_right(http: httpx.Client, audience: Audience) -> None:
    answer = http.delete(f"/lists/{audience.id}/merge-fields")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


def test_its_page_shows_the_audience_and_escapes(standin: Standin, audience: Audience) -> None:
    standin.do("set", KARI, status="subscribed", merge_fields={"FNAME": "<script>"}, tags=["Hamlet"])
    page = httpx.get(standin.base).text
    assert KARI in page
    assert "Hamlet" in page
    assert "<script>" not in page


def test_its_state_outlives_it(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with Standin(state=state) as first:
        first.open(KEY, "Aurora")
        first.do("set", KARI, status="subscribed", tags=["Hamlet"], key=KEY)
    assert json.loads(state.read_text())
    with Standin(state=state) as second:
        member = second.audience(KEY).find(KARI)
        assert member.status == "subscribed"
        assert second.audience(KEY).tags[next(iter(member.tags))] == "Hamlet"
