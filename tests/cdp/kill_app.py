"""A Celery application for test_worker.py: ours, with one task that works as the real runs do.

A run's row carries the lease and the position; each step does its work and moves the position in one
transaction. `done` has no unique key on purpose: doing a step twice would show.
"""

import time

from celery import shared_task
from django.db import connection, transaction

from cdp.celery import app

__all__ = ["app", "walk"]

TABLES = """
create table walk (id int primary key, position int not null default 0, steps int not null,
                   leased_until timestamptz not null default '-infinity');
create table done (walk int not null, step int not null);
"""
LEASE = """
update walk set leased_until = clock_timestamp() + interval '2 seconds'
where id = %s and leased_until < clock_timestamp() and position < steps returning position
"""
STEP = """
with moved as (
    update walk set position = position + 1, leased_until = clock_timestamp() + interval '2 seconds'
    where id = %s and position < steps returning id, position
)
insert into done select id, position from moved
"""


@shared_task
def walk(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(LEASE, [number])
        if not cursor.fetchone():
            return  # somebody else is walking, or the walk is over
        going = True
        while going:
            with transaction.atomic():
                cursor.execute(STEP, [number])
                going = cursor.rowcount > 0
            time.sleep(0.2)
