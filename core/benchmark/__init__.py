"""Speed and memory of what people do with the program, beside the targets it was built for.

figures.py    one measured figure and its target; the table
pictures.py   what is read: a drawing, a photo, a scan, a frame, all of our own making
reading.py    time in this process: digits and pictures
live.py       a minute of a camera, replayed
processes.py  time and memory of other processes: Keras, the command line, the app
training.py   time to 99 % on MNIST, beside Keras's own example
"""

from core.benchmark.figures import Figure, table
from core.benchmark.live import live_figures
from core.benchmark.processes import ProcessError, app_figures, keras_figures, start_figures
from core.benchmark.reading import digit_figures, picture_figures

__all__ = [
    "Figure",
    "ProcessError",
    "app_figures",
    "digit_figures",
    "keras_figures",
    "live_figures",
    "picture_figures",
    "start_figures",
    "table",
]
