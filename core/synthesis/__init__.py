"""Written pages with known truth: for samples, for tests, and for measuring what the reader finds hard.

    glyphs.py    where digits come from: our pens, recorded trajectories, bitmaps
    labels.py    words beside numbers, in print and by hand
    numbers.py   digits side by side: apart, touching, broken, slanted; signs with them
    settings.py  what a page looks like: paper, ink, light, camera
    paper.py     paper, ruling, marks that are no digits
    camera.py    shadow, perspective, blur, noise, compression
    pages.py     lines of text and settings -> a page with its truth and boxes
    kinds.py     the difficulties that are measured, one by one
    samples.py   drawings and pages to try in the app

Everything is drawn anew from a seed; nothing is stored.
"""

from core.synthesis.glyphs import DigitSource, bitmap_digits, pen_digits, stroke_digits
from core.synthesis.kinds import KINDS, STRINGS, Kind, kind_named, kind_page
from core.synthesis.numbers import Number, NumberSettings, number_ink
from core.synthesis.pages import Page, written_page
from core.synthesis.samples import SamplePage, sample_drawings, sample_pages
from core.synthesis.settings import PageSettings

__all__ = [
    "KINDS",
    "STRINGS",
    "DigitSource",
    "Kind",
    "Number",
    "NumberSettings",
    "Page",
    "PageSettings",
    "SamplePage",
    "bitmap_digits",
    "kind_named",
    "kind_page",
    "number_ink",
    "pen_digits",
    "sample_drawings",
    "sample_pages",
    "stroke_digits",
    "written_page",
]
