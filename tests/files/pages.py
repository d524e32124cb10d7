"""Rows of the permission table for the mapping editor."""

from io import BytesIO
from typing import Any

from integrations.files.models import ImportFile, Mapping
from integrations.files.uploading import receive
from organisations.models import Organisation
from organisations.roles import Can
from tests.files.making import HEADER, SPEC, connection_of, table
from tests.organisations.access_table import Page


def a_file(organisation: Organisation) -> dict[str, Any]:
    """A connection with a mapping and one file that was sent up by hand."""
    connection = connection_of("upload")
    Mapping.objects.create(connection=connection, version=1, header=list(HEADER), spec=SPEC.to_json())
    receive(connection=connection, name="sales.csv", stream=BytesIO(table(1, 2)), actor=None)
    return {"slug": connection.slug}


def the_file() -> dict[str, Any]:
    return {"file": ImportFile.objects.get().pk}


EDIT = Can.MANAGE_CONNECTIONS
PAGES = [
    Page("files:mapping", EDIT, about=a_file),
    # A form without its columns is refused, with the reasons beside it.
    Page("files:mapping", EDIT, "post", a_file, the_file, 422),
    Page("files:preview", EDIT, "post", a_file, the_file),
    Page("files:column", EDIT, "post", a_file, the_file, query="?at=0"),
    Page("files:upload", EDIT, "post", a_file, allowed=302),
    Page("files:restore", EDIT, "post", a_file, {"version": "1"}, 302),
    Page("files:read", Can.START_RUNS, "post", a_file, the_file, 302),
]
