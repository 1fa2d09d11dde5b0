"""Time and memory of processes of their own, so that what one loads does not stay in another.

Each is a short program that prints one JSON object. Nothing of it is imported here: this process stays as clean as the
app's.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from core.benchmark.figures import Figure
from core.benchmark.pictures import SCAN, TWENTY_DIGITS, jpeg, page
from core.files import REPOSITORY
from core.models import ROOT_VARIABLE, ModelStore

TIMEOUT_S = 300

# What a process has used at most, in MB, None where the system does not tell. Linux's own line comes first: there
# `ru_maxrss` begins with what the parent had. macOS counts it in bytes.
_PEAK = """
import json, pathlib, sys
def peak_mb():
    try:
        lines = pathlib.Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 2**10
    except (OSError, StopIteration):
        pass
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
"""

_KERAS = """
import statistics, time
start = time.perf_counter()
import keras, numpy as np
model = keras.models.load_model(sys.argv[1])
load_s = time.perf_counter() - start
digits = np.random.default_rng(1).random((32, 28, 28, 1), np.float32)
def median_ms(call, runs):
    durations = []
    for run in range(runs + 3):
        start = time.perf_counter()
        call()
        durations.append(time.perf_counter() - start)
    return 1000 * statistics.median(durations[3:])
print(json.dumps({
    "load_s": load_s,
    "alone_ms": median_ms(lambda: model.predict(digits[:1], verbose=0), 50),
    "of_32_ms": median_ms(lambda: model.predict(digits, verbose=0), 30) / 32,
    "peak_mb": peak_mb(),
}))
"""

_READ = """
import contextlib, io
from core.__main__ import main
with contextlib.redirect_stdout(io.StringIO()):
    status = main(["read", "--model", sys.argv[1], sys.argv[2]])
print(json.dumps({"status": status, "peak_mb": peak_mb(), "tensorflow": "tensorflow" in sys.modules}))
"""

# The home page as Streamlit's own test client opens it, and a drawing read as the Draw page does.
_APP_START = """
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=60).run()
from core.benchmark.pictures import drawing
from core.images import from_rgba
from core.reader import CANVAS_SETTINGS
from ui import resources
print(json.dumps({"text": resources.reader().read(from_rgba(drawing(3)), CANVAS_SETTINGS).text}))
"""

# After that start every page; then what the Live page loads when a camera starts, and two seconds of frames in a thread
# of their own, as there.
_APP = (
    _APP_START
    + """
from pathlib import Path
pages = sorted(path.name for path in Path("pages").glob("*.py"))
failed = [name for name in pages if app.switch_page(f"pages/{name}").run().exception]
import threading
from core.benchmark.pictures import FRAME, SIX_DIGITS, page
from core.live import LiveReader, draw
from ui import camera
def watch():
    live, frame = LiveReader(resources.reader()), page(SIX_DIGITS, FRAME).image.pixels
    for number in range(60):
        draw(frame, live.look(frame, number / 30))
viewer = threading.Thread(target=watch)
viewer.start()
viewer.join()
print(json.dumps({
    "pages": len(pages) + 1,
    "failed": failed,
    "peak_mb": peak_mb(),
    "tensorflow": "tensorflow" in sys.modules,
}))
"""
)


class ProcessError(Exception):
    """A measured process failed: what was to be measured is missing, the rest is not."""


def keras_figures(store: ModelStore, name: str) -> tuple[Figure, ...]:
    """The same digit through Keras, for comparison; nothing where the model was stored without its Keras file."""
    path = store.keras_file(name)
    if path is None:
        return ()
    told = run_program(_KERAS, store, str(path.resolve()))
    return (
        Figure("keras_digit_alone", "  the same through keras model.predict", told["alone_ms"], "ms"),
        Figure("keras_digit_of_32", "  the same, among 32", told["of_32_ms"], "ms"),
        Figure("keras_start", "  import of Keras and TensorFlow, model loaded", told["load_s"], "s"),
        *_memory("keras_memory", "  peak memory of that process", told, None),
    )


def start_figures(store: ModelStore, name: str, runs: int = 5) -> tuple[Figure, ...]:
    """`python -m core read` from nothing to its first reading, as a person waits for it."""
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "scan.jpg"
        picture.write_bytes(jpeg(page(TWENTY_DIGITS, SCAN).image.pixels))
        start_s, told = _from_nothing(runs, _READ, store, name, str(picture))
    import_s, _ = _from_nothing(runs, "import core.__main__\nprint('{}')", store)
    note = "TensorFlow was loaded" if told["tensorflow"] else "without TensorFlow"
    return (
        Figure("read_start", "`python -m core read` to the first reading", start_s, "s", 2, note),
        Figure("read_import", "  of which Python and imports", import_s, "s"),
        *_memory("read_memory", "  peak memory of that process", told, None),
    )


def app_figures(store: ModelStore, runs: int = 5) -> tuple[Figure, ...]:
    """The app from nothing to a first reading, and its memory after every page was visited."""
    start_s, _ = _from_nothing(runs, _APP_START, store)
    told = run_program(_APP, store)
    visited = f"{told['pages']} pages and a camera, " + (
        "TensorFlow was loaded" if told["tensorflow"] else "without TensorFlow"
    )
    if told["failed"]:
        visited += f"; failed: {', '.join(told['failed'])}"
    return (
        Figure("app_start", "the app's start to a first reading", start_s, "s", 2),
        *_memory("app_memory", "peak memory of the app, all pages visited", told, 350, visited),
    )


def _from_nothing(runs: int, program: str, store: ModelStore, *words: str) -> tuple[float, dict[str, Any]]:
    """Median seconds of a program from start to end, and what it tells; a first run, which compiles, does not count."""
    durations = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        told = run_program(program, store, *words)
        durations.append(time.perf_counter() - start)
    return statistics.median(durations[1:]), told


def _memory(key: str, name: str, told: dict[str, Any], target: float | None, note: str = "") -> tuple[Figure, ...]:
    """Nothing where the system does not tell."""
    return () if told["peak_mb"] is None else (Figure(key, name, told["peak_mb"], "MB", target, note),)


def run_program(program: str, store: ModelStore, *words: str, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
    """What a program, run at the root of the repository on the same models, tells.

    Raises:
        ProcessError: it failed or hung; with the last it said.
    """
    environment = os.environ | {ROOT_VARIABLE: str(store.root.resolve()), "TF_CPP_MIN_LOG_LEVEL": "3"}
    # Where nothing compiled may be kept, every start would compile Streamlit: nobody who installed it waits for that.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        done = subprocess.run(  # noqa: S603 - the programs above, and names that the store has checked
            [sys.executable, "-c", _PEAK + program, *words],
            cwd=REPOSITORY,
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        raise ProcessError(str(error.stderr).strip()[-300:]) from error
    except subprocess.TimeoutExpired as error:
        raise ProcessError(f"no answer in {timeout_s:g} s") from error
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told
