"""A worker in a process of its own, for the test that kills it in the middle of sending.

Small batches; it says when one has been sent and is about to be written down, and waits there.
"""

import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import connection  # noqa: E402
from django_tenants.utils import tenant_context  # noqa: E402

from integrations import runs  # noqa: E402
from integrations.mailchimp import push  # noqa: E402
from organisations.models import Organisation  # noqa: E402

push.BATCH = 3  # type: ignore[attr-defined]


def main(schema: str, run_id: int) -> None:
    write_down = push._write_down

    def slowly(batch: push.Batch) -> None:
        print("sent", flush=True)
        time.sleep(1.5)
        write_down(batch)
        print("written down", flush=True)

    push._write_down = slowly
    with tenant_context(Organisation.objects.get(schema_name=schema)):
        while runs.advance(run_id).more:
            pass
    connection.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
