"""One server and one browser for all tests, a fresh visitor for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browser import browse, context, serve


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where the app runs."""
    with serve() as served:
        yield served


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    with browse() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A visitor at a desktop."""
    with context(browser) as visitor:
        yield visitor.new_page()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A visitor with a phone."""
    with context(browser, phone=True) as visitor:
        yield visitor.new_page()
