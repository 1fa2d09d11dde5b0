"""Whatever a picture's numbers mean (16 bits, CMYK, palettes, alpha, floats), as 8-bit gray or RGB on white paper."""

from __future__ import annotations

import cv2
import numpy as np
import PIL.Image
from numpy.typing import NDArray

BAND_ROWS = 1024  # a multiple of every reduction
SAMPLED_PX = 512
MOST_WRITING = 0.5
"""Share of a transparent picture that strokes cover at most; what covers more is a sheet that was cut out."""
LIGHT_FROM = 160
"""Mean gray from which on strokes are light."""


def to_eight_bits(picture: PIL.Image.Image, ground: str | None = None) -> PIL.Image.Image:
    """A decoded picture of any mode as mode L or RGB; what is transparent becomes `ground`.

    Without one that is white, or black where light writing stands on nothing.
    """
    if _is_transparent(picture):
        layer = picture.convert("RGBA")
        paper = PIL.Image.new("RGB", layer.size, ground or _ground_under(picture))
        paper.paste(layer, mask=layer.getchannel("A"))
        return paper
    if picture.mode in ("L", "RGB"):
        return picture
    if picture.mode.startswith("I;16"):
        # Pillow's own conversion to 8 bits clips everything above 255 to white. 257 = 65535 / 255.
        sixteen_bits = np.asarray(picture).astype(np.uint16, copy=False)
        return PIL.Image.fromarray(cv2.convertScaleAbs(sixteen_bits, alpha=1 / 257))
    if picture.mode in ("I", "F"):
        return PIL.Image.fromarray(_from_wide_numbers(np.asarray(picture)))
    if picture.mode == "LAB":
        return picture.getchannel("L")  # lightness alone: Pillow cannot convert the colors without a profile
    return picture.convert("L" if picture.mode == "1" else "RGB")


def reduced_to_eight_bits(picture: PIL.Image.Image, factor: int) -> PIL.Image.Image:
    """As `to_eight_bits`, each `factor` x `factor` pixels averaged to one; in bands, so that memory stays bounded."""
    if factor == 1:
        return to_eight_bits(picture)
    if picture.mode in ("I", "F"):  # their range is that of the whole picture
        return to_eight_bits(picture.reduce(factor))
    width, height = picture.size
    ground = _ground_under(picture) if _is_transparent(picture) else None
    bands = []
    for top in range(0, height, BAND_ROWS):
        band = picture.crop((0, top, width, min(height, top + BAND_ROWS)))
        bands.append(np.asarray(to_eight_bits(band, ground).reduce(factor)))
    return PIL.Image.fromarray(np.concatenate(bands))


def _is_transparent(picture: PIL.Image.Image) -> bool:
    return bool(picture.has_transparency_data) and not picture.mode.startswith("I")


def _ground_under(picture: PIL.Image.Image) -> str:
    """The paper of a transparent picture, from a sample of its pixels: light strokes need a dark one."""
    width, height = (min(side, SAMPLED_PX) for side in picture.size)
    sample = np.asarray(picture.resize((width, height), PIL.Image.Resampling.NEAREST).convert("RGBA"), np.float32)
    gray, opacity = sample[..., :3].mean(axis=2), sample[..., 3] / 255
    covered = float(opacity.sum())
    is_writing = 0 < covered < MOST_WRITING * opacity.size
    return "black" if is_writing and float((gray * opacity).sum()) > LIGHT_FROM * covered else "white"


def _from_wide_numbers(values: NDArray[np.int32] | NDArray[np.float32]) -> NDArray[np.uint8]:
    """32-bit whole numbers or floats: nothing says what is white, so the range they span decides.

    0 to 1, 0 to 255 and 0 to 65535 are taken as they are meant; anything else is stretched from its least to its most.
    """
    numbers = np.nan_to_num(values.astype(np.float64), posinf=0, neginf=0)
    low, high = float(numbers.min()), float(numbers.max())
    usual = (1.0, 255.0, 65_535.0) if values.dtype.kind == "f" else (255.0, 65_535.0)
    meant = [top for top in usual if low >= 0 and high <= top]
    bottom, top = (0.0, meant[0]) if meant else (low, high)
    if bottom == top:
        return np.full(values.shape, 255, np.uint8)  # one shade is blank paper
    return np.rint((numbers - bottom) * (255 / (top - bottom))).astype(np.uint8)
