"""The mapping editor: what every column of a file means, tried on its first rows."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from consent.models import Purpose
from consent.models.asking import Channel
from integrations import runs
from integrations.errors import ConfigurationError
from integrations.files import editing
from integrations.files.connector import FileConnector, defaults_for
from integrations.files.editing import Editor
from integrations.files.layout import UnreadableFile
from integrations.files.models import FileState, ImportFile, Mapping
from integrations.files.presets import PRESETS
from integrations.files.preview import preview as shown
from integrations.files.targets import grouped
from integrations.files.uploading import receive
from integrations.files.versions import NotUsable, restore_mapping, save_mapping
from integrations.models import Connection, Trigger
from organisations.access import Can, Request, may, requires
from organisations.audit.verbs import looked

STATUSES = (
    ("paid", gettext_lazy("paid")),
    ("pending", gettext_lazy("pending, not paid yet")),
    ("cancelled", gettext_lazy("cancelled")),
    ("refunded", gettext_lazy("refunded")),
    ("expired", gettext_lazy("expired")),
)
ENCODINGS = ("utf-8", "cp1252", "utf-16", "cp865", "cp850", "mac_roman")


@requires(Can.MANAGE_CONNECTIONS)
def mapping(request: Request, slug: str) -> HttpResponse:
    """Shows the editor; saves a new version when posted."""
    connection = _connection(slug)
    if request.method == "POST":
        return _save(request, connection)
    file = _file(connection, request.GET.get("file"))
    preset = request.GET.get("preset")
    version = None if preset is not None else _version(connection, request.GET.get("version"))
    if file is None:
        return render(request, "files/mapping.html", _context(request, connection))
    try:
        editor = editing.opened(connection, file, preset=preset, version=version)
    except UnreadableFile as error:
        context = _context(request, connection) | {"file": file, "unreadable": str(error)}
        return render(request, "files/mapping.html", context)
    context = _context(request, connection, editor) | {"preset": preset}
    rows = len(context["preview"].rows)
    looked(user=request.user, profile_ids=[], screen="mapping", purpose=f"file {file.pk}", result_size=rows)
    return render(request, "files/mapping.html", context)


@require_POST
@requires(Can.MANAGE_CONNECTIONS)
def preview(request: Request, slug: str) -> HttpResponse:
    """The first rows as they would come out, for what stands in the form now."""
    connection = _connection(slug)
    try:
        editor, _vouched = editing.posted(connection, _posted_file(request, connection), request.POST)
    except UnreadableFile as error:
        return render(request, "files/_preview.html", {"unreadable": str(error)})
    return render(request, "files/_preview.html", _context(request, connection, editor))


@require_POST
@requires(Can.MANAGE_CONNECTIONS)
def column(request: Request, slug: str) -> HttpResponse:
    """One column's line anew, with the questions that its target asks."""
    connection = _connection(slug)
    try:
        editor, _vouched = editing.posted(connection, _posted_file(request, connection), request.POST)
    except UnreadableFile:
        return HttpResponse(status=204)  # the preview says why; the line stays as it is
    at = request.GET.get("at", "")
    line = next((line for line in editor.lines if str(line.at) == at), None)
    if line is None:
        raise Http404
    return render(request, "files/_column.html", _context(request, connection, editor) | {"line": line})


@require_POST
@requires(Can.MANAGE_CONNECTIONS)
def upload(request: Request, slug: str) -> HttpResponse:
    connection = _connection(slug)
    given = request.FILES.get("file")
    if given is None:
        messages.error(request, _("Choose a file first."))
        return redirect("files:mapping", slug)
    try:
        stream = cast(BinaryIO, given.file)
        file = receive(connection=connection, name=given.name or "file", stream=stream, actor=request.user)
    except ConfigurationError as error:
        messages.error(request, str(error))
        return redirect("files:mapping", slug)
    if "read" in request.POST and Mapping.objects.active_of(connection.pk):
        return _start(request, connection, file)
    return redirect(f"{request.path.removesuffix('upload/')}?file={file.pk}")


@require_POST
@requires(Can.MANAGE_CONNECTIONS)
def restore(request: Request, slug: str) -> HttpResponse:
    """An earlier version becomes the newest one."""
    connection = _connection(slug)
    version = _version(connection, request.POST.get("version"))
    if version is None:
        raise Http404
    made = restore_mapping(connection=connection, version=version.version, actor=request.user)
    said = _("Version %(old)d is in force again, as version %(new)d.")
    messages.success(request, said % {"old": version.version, "new": made.version})
    return redirect("files:mapping", slug)


@require_POST
@requires(Can.START_RUNS)
def read(request: Request, slug: str) -> HttpResponse:
    """Reads one file now, also one that was read before."""
    connection = _connection(slug)
    return _start(request, connection, _posted_file(request, connection))


def _start(request: Request, connection: Connection, file: ImportFile) -> HttpResponse:
    run = runs.start(
        connection=connection, trigger=Trigger.MANUAL, actor=request.user, options={"file": file.pk}
    )
    return redirect(run)


def _save(request: Request, connection: Connection) -> HttpResponse:
    file = _posted_file(request, connection)
    try:
        editor, vouched = editing.posted(connection, file, request.POST)
    except UnreadableFile as error:
        messages.error(request, str(error))
        return redirect(f"{request.path}?file={file.pk}")
    if not may(request, Can.MANAGE_PERMISSIONS):
        vouched = set()
    try:
        made = save_mapping(
            connection=connection,
            spec=editor.spec,
            header=editor.draft.layout.header,
            actor=request.user,
            vouched=vouched,
        )
    except NotUsable as error:
        _mark(editor, error)
        return render(request, "files/mapping.html", _context(request, connection, editor), status=422)
    messages.success(request, _("Saved as version %(version)d.") % {"version": made.version})
    if "read" in request.POST and may(request, Can.START_RUNS):
        return _start(request, connection, file)
    return redirect(f"{request.path}?file={file.pk}")


def _mark(editor: Editor, error: NotUsable) -> None:
    """Puts what the saving refused beside its columns, each message once."""
    for problem in error.problems:
        place = editor.whole if problem.at is None else editor.lines[problem.at].problems
        if problem.message not in place:
            place.append(problem.message)


def _connection(slug: str) -> Connection:
    """Only connections of this kind have these pages."""
    return get_object_or_404(
        Connection.objects.select_related("source"), slug=slug, connector=FileConnector.slug
    )


def _file(connection: Connection, pk: str | None) -> ImportFile | None:
    """The file asked for, else the latest. A look at the place first, if nothing was seen yet."""
    if pk:
        return _numbered(connection, pk)
    latest = ImportFile.objects.filter(connection=connection).exclude(head=b"").order_by("-pk").first()
    if latest is None:
        FileConnector(connection).glance()
        latest = ImportFile.objects.filter(connection=connection).exclude(head=b"").order_by("-pk").first()
    return latest


def _posted_file(request: Request, connection: Connection) -> ImportFile:
    return _numbered(connection, request.POST.get("file", ""))


def _numbered(connection: Connection, pk: str) -> ImportFile:
    return get_object_or_404(ImportFile, connection=connection, pk=pk if pk.isdecimal() else 0)


def _version(connection: Connection, number: str | None) -> Mapping | None:
    if not number:
        return Mapping.objects.active_of(connection.pk)
    return get_object_or_404(Mapping, connection=connection, version=number if number.isdecimal() else 0)


def _context(request: Request, connection: Connection, editor: Editor | None = None) -> dict[str, Any]:
    context: dict[str, Any] = {
        "connection": connection,
        "editor": editor,
        "active": Mapping.objects.active_of(connection.pk),
        "presets": PRESETS.values(),
        "may_vouch": may(request, Can.MANAGE_PERMISSIONS),
    }
    if request.htmx and editor is None:  # type: ignore[attr-defined]
        return context
    context |= {
        "versions": Mapping.objects.filter(connection=connection).select_related("created_by")[:12],
        "files": ImportFile.objects.filter(connection=connection).order_by("-pk")[:15],
        "file_states": FileState,
    }
    if editor is not None:
        defaults = defaults_for(editor.spec, connection.source.country)
        context |= {
            "file": editor.file,
            "groups": grouped(),
            "preview": shown(editor, defaults),
            "defaults": defaults,
            "countries": editing.COUNTRIES,
            "statuses": STATUSES,
            "encodings": ENCODINGS,
            "tab": "\t",
            "purposes": Purpose.objects.filter(legal_ground=Purpose.Ground.CONSENT),
            "channels": Channel.choices,
            "unknown_statuses": editing.unknown_statuses(editor),
        }
    return context
