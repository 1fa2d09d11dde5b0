"""How good a model is, measured on digits of people it has never seen.

measures.py   shares with intervals, confusion, calibration, risk, rejection: pure functions
answers.py    what a classifier answers to labeled digits
canvas.py     recorded pens drawn on the canvas and read by the whole path; unread.py: labels that nobody reads
strings.py    numbers apart and touching, read by the whole path
corruptions.py, textures.py  the corruptions of MNIST-C; robustness.py: what is read in spite of them
rejection.py  marks that are no digits, by kind
difficulties.py  written pages, by kind of difficulty
parts.py      the parts of the table, each with its own data
report.py     rows, the table, JSON
sheets.py     the worst mistakes as pictures
"""

from core.evaluation.answers import Answers, answer
from core.evaluation.measures import ReliabilityBin, Share, reliability
from core.evaluation.parts import PARTS, pair_of_files
from core.evaluation.report import Part, Row, figures, matrix, means, table
from core.evaluation.sheets import Cell, Sheet, contact_sheet

__all__ = [
    "PARTS",
    "Answers",
    "Cell",
    "Part",
    "ReliabilityBin",
    "Row",
    "Share",
    "Sheet",
    "answer",
    "contact_sheet",
    "figures",
    "matrix",
    "means",
    "pair_of_files",
    "reliability",
    "table",
]
