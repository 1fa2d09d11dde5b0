"""Numbers in groups and lines held before a camera: `python -m tests.core.comings` tells what was shown of each.

Twelve numbers, two series of sheets, each read twice at 8 to 24 frames a second: 48 comings. Some 40 seconds.
"""

from __future__ import annotations

from itertools import groupby

import numpy as np

from core.live import LiveReader
from core.models import ModelStore
from core.reader import Reader
from core.recognition.store import beside
from core.synthesis.video import FRAMES_PER_SECOND, Pace, held_numbers

NUMBERS = (
    *("12 34", "407 52", "9 163", "16 305", "27 81 40", "52\n907"),
    *("8\n31", "6 2 9", "2026 11", "350\n12 7", "44 105", "73 5"),
)
SERIES = (11, 12)
TIMES = 2
PACE = Pace(empty_s=0.5, moving_s=0.6, still_s=1.6)


def main() -> None:
    """Print each coming of which something else was shown, or which was not shown as written, and how long it took."""
    classifier = ModelStore().load("digitscope")
    reader = Reader(classifier, beside(classifier))
    comings, waits = 0, []
    for series in SERIES:
        frames = list(enumerate(held_numbers(NUMBERS, np.random.default_rng(series), pace=PACE)))
        for time in range(TIMES):
            rng = np.random.default_rng(100 * series + time)
            every = FRAMES_PER_SECOND / rng.uniform(8, 24)
            live, due = LiveReader(reader), 0.0
            for scene, seen in groupby(frames, key=lambda at: at[1].scene):
                text, rest_s, shown = "", None, {}
                for at, frame in seen:
                    if at < due:
                        continue
                    due += every * rng.uniform(0.5, 1.6)
                    text = frame.text
                    time_s = at / FRAMES_PER_SECOND
                    rest_s = time_s if rest_s is None and frame.still else rest_s
                    shown.setdefault(live.look(frame.pixels, time_s).text, time_s)
                if not scene % 2:
                    continue  # an empty desk
                comings += 1
                if others := shown.keys() - {"", text}:
                    print(f"{text!r}: {', '.join(map(repr, sorted(others)))} shown, too")
                if text in shown and rest_s is not None:
                    waits.append(max(0.0, shown[text] - rest_s))
    print(f"{comings} comings, {len(waits)} shown as written")
    print(f"{np.median(waits):.2f} s after they stood still (median), at most {max(waits):.2f} s")


if __name__ == "__main__":
    main()
