"""The Live page's browser: a camera that plays a video of held numbers, and a watch on what the page shows meanwhile.

Every frame of the video carries a strip of black and white cells that says which scene it is and whether it is still.
The watch reads it off the camera's own picture, as it is before it travels to the server, beside the number the page
shows: so what is told is all that a visitor waits for.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import av
import cv2
import numpy as np
import psutil
from playwright.sync_api import Page, expect

from core.synthesis.video import FRAMES_PER_SECOND, SIZE_WH, Pace, VideoFrame, held_numbers

NUMBERS = ("407", "52", "9163", "8", "16 305")
SEED = 3
PACE = Pace(empty_s=1.0, moving_s=0.6, still_s=2.4)
START = "Start camera"
CONNECTED_MS = 30_000

# The strip: cells from (8, 8) on; the first two tell where black and white are, the last makes the count of white even.
CELL, FIRST = 24, 8
BITS = 6

# Keeps hold of what the camera gives, in the frame that asks for it.
_TAP = """
const given = navigator.mediaDevices?.getUserMedia?.bind(navigator.mediaDevices)
if (given) navigator.mediaDevices.getUserMedia = async (wanted) => (window.digitscopeCamera = await given(wanted))
"""

# Where a thread is that is about a camera; how long a server takes to tell, and to come to rest.
CAMERA_CODE = ("ui/viewer.py", "streamlit_webrtc/", "aiortc/")
TELLING_S = 0.5
REST_LIMIT_S = 40

_WATCH = """
() => {
  const camera = document.createElement("video")
  camera.muted = true
  camera.srcObject = document.querySelector(".st-key-live_picture iframe").contentWindow.digitscopeCamera
  camera.play()
  const canvas = document.createElement("canvas")
  canvas.width = 640
  canvas.height = 40
  const context = canvas.getContext("2d", { willReadFrequently: true })
  const seen = []
  const code = (video) => {
    context.drawImage(video, 0, 0, 640, 480)
    const gray = (i) => {
      const data = context.getImageData(8 + 24 * i + 6, 8 + 6, 12, 12).data
      let sum = 0
      for (let k = 1; k < data.length; k += 4) sum += data[k]
      return sum / (data.length / 4)
    }
    const white = gray(0), black = gray(1)
    if (white - black < 30) return -1
    let value = 0, ones = 0
    for (let i = 0; i < 7; i++) {
      const bit = gray(2 + i) > (white + black) / 2 ? 1 : 0
      ones += bit
      if (i < 6) value = 2 * value + bit
    }
    return ones % 2 ? -1 : value
  }
  clearInterval(window.watching)
  window.watching = setInterval(() => {
    const answer = document.querySelector(".st-key-live_number [data-testid=answer]")
    const text = answer ? answer.innerText.trim() : ""
    const now = camera.videoWidth ? code(camera) : -1
    const last = seen[seen.length - 1]
    if (!last || last[1] !== now || last[2] !== text) seen.push([performance.now() / 1000, now, text])
  }, 20)
  window.watched = seen
}
"""


class Moment(NamedTuple):
    """From `time_s` on the camera saw `scene` (None where it could not be told), and `text` was shown."""

    time_s: float
    scene: int | None
    still: bool
    text: str


def film(path: Path, frames: Iterable[VideoFrame], *, strip: bool = True) -> Path:
    """Write a video for Chromium's camera, with the strip on every frame or without."""
    with av.open(str(path), "w", format="mjpeg") as file:
        stream = file.add_stream("mjpeg", rate=FRAMES_PER_SECOND)
        stream.width, stream.height = SIZE_WH
        stream.pix_fmt = "yuvj420p"
        stream.options = {"qscale": "3"}
        for frame in frames:
            pixels = _with_strip(frame) if strip else frame.pixels
            file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        file.mux(stream.encode(None))
    return path


def held(numbers: Sequence[str] = NUMBERS) -> Iterator[VideoFrame]:
    """The video: each number held for two seconds and a half, an empty table between them."""
    return held_numbers(numbers, np.random.default_rng(SEED), pace=PACE)


def playing(video: Path) -> tuple[str, str]:
    """Chromium's flags for a camera that plays a video, and that may be used."""
    return "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={video}"


def open_live(page: Page, address: str) -> None:
    """Go to the Live page and wait until the camera can be started."""
    page.add_init_script(_TAP)
    page.goto(f"{address}/live")
    page.get_by_role("button", name=START).wait_for()


def start(page: Page) -> None:
    """Start the camera and wait for its picture."""
    page.get_by_role("button", name=START).click()
    stop_button = page.frame_locator(".st-key-live_picture iframe").get_by_role("button", name="Stop")
    stop_button.wait_for(timeout=CONNECTED_MS)
    wait_for_picture(page)


def wait_for_picture(page: Page) -> None:
    """Wait until frames come back from the server."""
    video = page.frame_locator(".st-key-live_picture iframe").locator("video")
    expect(video).to_be_visible(timeout=CONNECTED_MS)
    page.wait_for_function(
        "document.querySelector('.st-key-live_picture iframe').contentDocument.querySelector('video')?.currentTime > 0",
        timeout=CONNECTED_MS,
    )


def stop(page: Page) -> None:
    """Press the picture's own stop button."""
    page.frame_locator(".st-key-live_picture iframe").get_by_role("button", name="Stop").click()
    page.get_by_role("button", name=START).wait_for()


def watch(page: Page, seconds: float) -> list[Moment]:
    """What the visitor saw: picture and number, whenever either changed."""
    page.evaluate(_WATCH)
    page.wait_for_timeout(1000 * seconds)
    told = page.evaluate("window.watched")
    return [Moment(t, None if code < 0 else code >> 1, bool(code & 1) and code >= 0, text) for t, code, text in told]


class Server(NamedTuple):
    """A server of the app: its address, the number of its process, and the file into which it tells its threads."""

    address: str
    pid: int
    told: Path

    def threads(self) -> int:
        """How many threads it has."""
        return psutil.Process(self.pid).num_threads()

    def megabytes(self) -> float:
        """How much memory it holds."""
        return float(psutil.Process(self.pid).memory_info().rss) / 2**20

    def camera_threads(self) -> int:
        """How many of its threads are about a camera."""
        before = self.told.stat().st_size
        os.kill(self.pid, signal.SIGUSR1)
        deadline = time.monotonic() + REST_LIMIT_S
        while not (said := self.told.read_text("utf-8")[before:]).endswith("\n"):
            assert time.monotonic() < deadline, "the server does not tell its threads"
            time.sleep(TELLING_S)
        stacks = [" ".join(places) for places in json.loads(said)]
        return sum(any(place in stack for place in CAMERA_CODE) for stack in stacks)

    def wait_for_rest(self) -> None:
        """Wait until no thread is about a camera any more."""
        deadline = time.monotonic() + REST_LIMIT_S
        while self.camera_threads():
            assert time.monotonic() < deadline, f"{self.camera_threads()} threads of the camera remain"


def _with_strip(frame: VideoFrame) -> np.ndarray:
    bits = [1, 0, *(int(bit) for bit in f"{2 * frame.scene + frame.still:0{BITS}b}")]
    bits.append(sum(bits[2:]) % 2)
    pixels = frame.pixels.copy()
    for place, bit in enumerate(bits):
        left = FIRST + CELL * place
        cv2.rectangle(pixels, (left, FIRST), (left + CELL - 1, FIRST + CELL - 1), (235,) * 3 if bit else (10,) * 3, -1)
    return pixels
