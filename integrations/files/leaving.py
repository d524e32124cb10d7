"""What goes with an organisation that is removed: its folder on this server, and copies being read."""

import logging
import shutil

from integrations.files import spool
from integrations.files.places import folder_root
from organisations.models import Organisation

log = logging.getLogger(__name__)


def forget(organisation: Organisation) -> None:
    """A link's target is left alone; what cannot be deleted is said in the log."""
    spool.forget(organisation.schema_name)
    folder = folder_root(organisation.slug)
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        log.error("The folder of the removed organisation %s could not be deleted.", organisation.slug)
