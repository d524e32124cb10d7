"""Makes sales nobody's: what was sold counts on, who bought it is gone (docs/decisions/erasure.md)."""

from __future__ import annotations

from collections.abc import Collection

from cdp.lib import sql
from organisations.personal_data import Subject
from profiles.models import LineVersion, Order, OrderVersion


def anonymise(orders: Collection[int]) -> dict[str, int]:
    """Adds the orders to the sales facts and deletes them; answers rows by table. In a transaction."""
    if not orders:
        return {}
    params = {"orders": list(orders)}
    sql.run("profiles/sales_facts_add", params).close()
    return {
        "profiles_lineversion": LineVersion.objects.filter(line__order__in=orders).delete()[0],
        "profiles_orderversion": OrderVersion.objects.filter(order__in=orders).delete()[0],
        "profiles_orderline": sql.count("profiles/erase_lines", params),
        "profiles_order": sql.count("profiles/erase_orders", params),
    }


def orders_of(subject: Subject) -> list[int]:
    return list(Order.objects.filter(record__in=subject.records).values_list("pk", flat=True))


def forget_line_versions(subject: Subject) -> int:
    return LineVersion.objects.filter(line__order__record__in=subject.records).delete()[0]


def forget_order_versions(subject: Subject) -> int:
    return OrderVersion.objects.filter(order__record__in=subject.records).delete()[0]


def forget_lines(subject: Subject) -> int:
    """After the versions, before the orders. What they sold goes into the sales facts."""
    params = {"orders": orders_of(subject)}
    sql.run("profiles/sales_facts_add", params).close()
    return sql.count("profiles/erase_lines", params)


def forget_orders(subject: Subject) -> int:
    return sql.count("profiles/erase_orders", {"orders": orders_of(subject)})
