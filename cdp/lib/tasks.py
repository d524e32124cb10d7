"""What every background task has in common."""

from typing import Any

from django.db import transaction
from tenant_schemas_celery.app import get_schema_name_from_task
from tenant_schemas_celery.task import TenantTask, headers_with_schema

from cdp.lib.tenancy import current_schema


class OrgTask(TenantTask):  # type: ignore[misc]
    """Runs in the organisation that was current when it was asked for, or not at all.

    Closes two holes of the base class: `delay_on_commit` took the organisation that is current at the
    commit, not at the call; and when the organisation is gone, the task ran in the public schema.

    When the queue is away at the commit, that is logged and no more: what was asked for is in the
    database by then, and a sweeper finds it.
    """

    abstract = True

    def apply_async_on_commit(self, *args: Any, **options: Any) -> Any:
        options["headers"] = headers_with_schema(options.get("headers"))
        return transaction.on_commit(lambda: self.apply_async(*args, **options), robust=True)

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> Any:
        return self.apply_async_on_commit(args=args, kwargs=kwargs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        wanted = get_schema_name_from_task(self, kwargs)
        if wanted and current_schema() != wanted:
            raise RuntimeError(f"The organisation {wanted!r} is not there; the task did nothing.")
        return super().__call__(*args, **kwargs)
