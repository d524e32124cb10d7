"""Starts the database server for a test run, before pytest-xdist starts its workers."""

import os

import pytest

from tests.server import Visit

VISIT = pytest.StashKey[Visit]()


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or config.option.collectonly or config.option.help:
        return
    os.environ["FOYER_TEST_RUN"] = str(os.getpid())  # the workers' databases carry it in their names
    config.stash[VISIT] = Visit()


def pytest_unconfigure(config: pytest.Config) -> None:
    if visit := config.stash.get(VISIT, None):
        visit.end()
