"""The real app in a real browser: a server on a free port, Chromium, and a hand that writes with mouse or finger."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, sync_playwright

from core.pens import Strokes, draw_digit
from tests.conftest import chromium

ROOT = Path(__file__).parents[2]
START_LIMIT_S = 60
PATIENCE_MS = 20_000
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


# Told by Python, whose threads stand still meanwhile: faulthandler looks at threads that run on, and has crashed so.
# The file is not buffered: a buffer that a second signal finds in use raises, and that ended the app.
_TELLING = """
import json, os, signal, sys, traceback
told = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
def tell(*_):
    stacks = [traceback.walk_stack(frame) for frame in sys._current_frames().values()]
    places = [[f"{frame.f_code.co_filename} {frame.f_code.co_name}" for frame, _ in stack] for stack in stacks]
    os.write(told, (json.dumps(places) + "\\n").encode())
signal.signal(signal.SIGUSR1, tell)
from streamlit.web.cli import main
main()
"""


@contextmanager
def serve(**environment: str) -> Iterator[str]:
    """Run the app on a free port of this machine; yields its address."""
    with serve_process(**environment) as (address, _):
        yield address


@contextmanager
def serve_process(
    listen: str = "127.0.0.1", threads_to: Path | None = None, **environment: str
) -> Iterator[tuple[str, int]]:
    """Run the app on a free port of this machine; yields its address and the number of its process.

    With `threads_to` it adds a line to that file whenever it gets SIGUSR1: in JSON, for each of its threads, the files
    and functions that it is in.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ("--server.headless", "true", "--server.address", listen, "--server.fileWatcherType", "none")
    program = ("-m", "streamlit") if threads_to is None else ("-c", _TELLING, str(threads_to))
    command = [sys.executable, *program, "run", "app.py", "--server.port", str(port), *options]
    server = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/_stcore/health", server)
        yield address, server.pid
    finally:
        server.terminate()
        server.wait(timeout=20)


@contextmanager
def browse(*flags: str) -> Iterator[Browser]:
    """Start Chromium without a window, with a made-up camera and further flags."""
    with sync_playwright() as playwright, launch(playwright.chromium, *flags) as browser:
        yield browser


@contextmanager
def launch(kind: BrowserType, *flags: str, camera: bool = True) -> Iterator[Browser]:
    """Start another Chromium beside one that runs: `launch(browser.browser_type)`; with or without a camera."""
    # Containers run as root and have a small /dev/shm; Chromium refuses or crashes in either without these.
    arguments = ["--no-sandbox", "--disable-dev-shm-usage", *flags]
    arguments += ["--use-fake-device-for-media-stream"] if camera else []
    browser = kind.launch(executable_path=chromium(), args=arguments)
    yield browser
    browser.close()


def context(browser: Browser, *, phone: bool = False, dark: bool = False) -> BrowserContext:
    """A fresh visitor with a desktop's mouse or a phone's touch screen."""
    made = browser.new_context(
        viewport=PHONE if phone else DESKTOP,
        device_scale_factor=2 if phone else 1,
        has_touch=phone,
        is_mobile=phone,
        color_scheme="dark" if dark else "light",
    )
    made.set_default_timeout(PATIENCE_MS)
    return made


def at_rest(page: Page) -> None:
    """Wait until the app has nothing left to send."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def open_draw(page: Page, address: str) -> None:
    """Go to the Draw page and wait until the sheet can be written on."""
    page.goto(f"{address}/draw")
    page.get_by_role("img", name="Drawing area").wait_for()


def digits_in_a_row(text: str, *, height: float, left: float, top: float, gap: float, seed: int) -> Strokes:
    """`text` written by one hand, in pixels of the sheet."""
    generator = np.random.default_rng(seed)
    strokes = []
    x = left
    for character in text:
        digit = [stroke * height for stroke in draw_digit(int(character), generator)]
        strokes += [stroke + np.array([x, top], np.float32) for stroke in digit]
        x += max(float(stroke[:, 0].max()) for stroke in digit) + gap
    return tuple(strokes)


def write(page: Page, strokes: Strokes) -> None:
    """Move the mouse along each stroke, pen down, on the sheet."""
    left, top = _corner(page)
    for stroke in strokes:
        points = [(left + float(x), top + float(y)) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
        page.mouse.up()


def write_with_finger(page: Page, strokes: Strokes) -> None:
    """Draw each stroke with one finger, as a touch screen reports it."""
    left, top = _corner(page)
    session = page.context.new_cdp_session(page)
    for stroke in strokes:
        points = [{"x": left + float(x), "y": top + float(y)} for x, y in stroke]
        session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
        for point in points[1:]:
            session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def _corner(page: Page) -> tuple[float, float]:
    sheet = page.get_by_role("img", name="Drawing area")
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    assert box is not None, "the sheet is not on the page"
    return box["x"], box["y"]


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the app ended with status {server.returncode} before it answered")
        try:
            with urlopen(url, timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the app did not answer within {START_LIMIT_S} s")
