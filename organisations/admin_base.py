"""The ModelAdmin bases. Every admin of the project imports from here and nowhere else."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from organisations.admin_site import is_administrator
from organisations.audit.verbs import looked, record
from organisations.models import User

M = TypeVar("M", bound=Model)

if TYPE_CHECKING:
    _Base = admin.ModelAdmin
else:

    class _Base(admin.ModelAdmin):
        def __class_getitem__(cls, item: Any) -> type:
            return cls


class FoyerAdmin(_Base[M]):
    """What all of them share: Django's permissions are not asked, `allowed` is."""

    def allowed(self, request: HttpRequest) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only the filters that the page offers. Django allows every column of the table, so a password
        or a secret that no page shows could be found out a letter at a time."""
        return lookup.split("__")[0] in {str(name).split("__")[0] for name in self.list_filter}

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.allowed(request)

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self.allowed(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.allowed(request)

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self.allowed(request)

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self.allowed(request)


class OrganisationAdmin(FoyerAdmin[M]):
    """For what lives in an organisation's schema. Its administrators, nobody else.

    Changes are recorded in the organisation's own audit log. Django's LogEntry lives in
    the public schema and would mix organisations, so it is not written.
    """

    def allowed(self, request: HttpRequest) -> bool:
        return is_administrator(request)

    def profile_ids(self, shown: Sequence[M]) -> list[int]:
        """The people that these rows show; an admin of personal data says whom."""
        return []

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and (found := (response.context_data or {}).get("cl")):
            self._looked(request, list(found.result_list), found.result_count)
        return response

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> M | None:
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            self._looked(request, [found], 1)
        return found

    def _looked(self, request: HttpRequest, shown: Sequence[M], size: int) -> None:
        ids = self.profile_ids(shown)
        if ids:
            screen = f"admin:{self.opts.label_lower}"
            looked(user=_actor(request), profile_ids=ids, screen=screen, result_size=size)

    def log_addition(self, request: HttpRequest, obj: M, message: Any) -> Any:
        self._record(request, obj, "admin.added", message)

    def log_change(self, request: HttpRequest, obj: M, message: Any) -> Any:
        self._record(request, obj, "admin.changed", message)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[M]) -> Any:
        for obj in queryset:
            self._record(request, obj, "admin.removed", "")

    def _record(self, request: HttpRequest, obj: M, verb: str, message: Any) -> None:
        """Names the fields that changed, never their values."""
        target = f"{self.opts.label_lower}:{obj.pk}"
        record(actor=_actor(request), verb=verb, target=target, summary={"changes": message or []})

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        query = urlencode({"q": f"{self.opts.label_lower}:{object_id}"})
        return HttpResponseRedirect(f"{reverse('settings_audit')}?{query}")


class LedgerAdmin(OrganisationAdmin[M]):
    """Look, do not touch: what verbs write is changed by verbs."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False


class OperatorAdmin(FoyerAdmin[M]):
    """For the public schema: operators look; what changes it are verbs and commands."""

    def allowed(self, request: HttpRequest) -> bool:
        return _actor(request).is_operator

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False


def _actor(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
