"""A page with people that was opened before saying what for."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from organisations.access import Request
from profiles import looks
from profiles.purposes import Purpose, PurposeNeeded

GetResponse = Callable[[HttpRequest], HttpResponse]


class AskPurpose:
    """Answers `PurposeNeeded`: no data, a question, and a line in the log (CONSENT.md C161)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, PurposeNeeded):
            return None
        match = request.resolver_match
        screen = error.screen or (match.view_name if match else "")
        looks.attempted(cast(Request, request), screen, error.profile_ids)
        part = bool(request.headers.get("HX-Request"))
        template = "profiles/_purpose_needed.html" if part else "profiles/purpose_needed.html"
        answer = render(
            request, template, {"purposes": Purpose.choices, "goes_back": request.method == "GET"}
        )
        add_never_cache_headers(answer)
        return answer
