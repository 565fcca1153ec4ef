"""Connections are closed after each test, which warnings would ask for otherwise."""

from collections.abc import Iterator

import pytest

from tests.sqlite.tables import connected


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while connected:
        connected.pop().close()
