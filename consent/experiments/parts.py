"""What this package adds to the console: its verbs' labels, its data's term, its menu entry."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from consent.experiments import exposure
from organisations import navigation, personal_data
from organisations.access import Can
from organisations.audit import labels

VERBS = {
    "experiment.drafted": _("Test of a form prepared"),
    "experiment.discarded": _("Test of a form discarded"),
    "experiment.started": _("Test of a form started"),
    "experiment.stopped": _("Test of a form stopped"),
    "experiment.promoted": _("Winner of a test published"),
    "experiment.overridden": _("Winner published in spite of what speaks against it"),
}


def register() -> None:
    labels.register(VERBS)
    personal_data.register(exposure.CATEGORY)
    navigation.register(
        navigation.Entry(
            key="form_tests",
            label=_("Form tests"),
            url_name="experiments:list",
            icon="chart-line",
            position=66,
            capability=Can.EDIT_FORMS,
        )
    )
