from collections import Counter
from io import BytesIO

import pytest

from integrations.files import samples
from integrations.files.presets import PRESETS
from profiles.models import HeldRow, Order, OrderLine, Profile
from tests.files.making import connection_of, imported


@pytest.mark.parametrize("slug", sorted(PRESETS))
def test_it_reads_the_sample(slug, in_aurora):
    connection = connection_of("upload", preset=slug)
    stream = BytesIO()
    count = samples.write(slug, stream, rows=300)
    run = imported(connection, PRESETS[slug].sample.name, stream.getvalue())
    print(slug, run.state, run.reason)
    i = run.intake
    print({f.name: getattr(i, f.name) for f in i._meta.fields if "rows" in f.name or f.name == "permits"})
    print(
        Counter(
            (r["code"], r["column"], r["value"] if r["code"] != "x" else "")
            for h in HeldRow.objects.filter(intake=i)
            for r in h.reasons
        )
    )
    print(
        Profile.objects.count(),
        Order.objects.count(),
        OrderLine.objects.count(),
        Counter(Order.objects.values_list("status", flat=True)),
        Counter(OrderLine.objects.values_list("status", flat=True)),
    )
    print(connection.files.first().report, connection.files.first().layout)
    print([(c.title, c.target) for c in connection.mappings.first().read().columns])
