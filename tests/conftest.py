"""Which tests run where: those that need a browser or MNIST are skipped without, and say so."""

from __future__ import annotations

import os
import shutil

import pytest
import streamlit_webrtc  # noqa: F401 - before any test loads TensorFlow, after which its OpenSSL crashes the process

CHROMIUM_VARIABLE = "DIGITSCOPE_CHROMIUM"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def chromium() -> str | None:
    """The browser that e2e tests drive: the one DIGITSCOPE_CHROMIUM names, else the first on the path."""
    named = os.environ.get(CHROMIUM_VARIABLE)
    return named or next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run what takes more than a few seconds")
    parser.addoption("--e2e", action="store_true", help="fail, not skip, what needs a browser where there is none")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    browser = chromium() or config.getoption("--e2e")
    for item in items:
        if item.get_closest_marker("slow") and not config.getoption("--slow"):
            item.add_marker(pytest.mark.skip(reason="slow: run with --slow"))
        if item.get_closest_marker("e2e") and not browser:
            item.add_marker(pytest.mark.skip(reason=f"no Chromium found; install it or set {CHROMIUM_VARIABLE}"))
