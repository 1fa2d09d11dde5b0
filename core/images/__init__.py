"""Bytes of a picture or document to upright RGB pixels; all that comes in is hostile until it is decoded."""

from core.images.decoding import SUFFIXES, Document, decode, decode_pages, load, open_document
from core.images.image import Image, Limits, from_rgba

__all__ = [
    "SUFFIXES",
    "Document",
    "Image",
    "Limits",
    "decode",
    "decode_pages",
    "from_rgba",
    "load",
    "open_document",
]
