"""Pictures that Pillow decodes: PNG, JPEG, WebP, BMP, TIFF, GIF, and HEIC through pillow-heif."""

from __future__ import annotations

from io import BytesIO
from typing import NoReturn

import cv2
import numpy as np
import PIL.Image
from numpy.typing import NDArray
from PIL import TiffImagePlugin, WebPImagePlugin  # noqa: F401 - registers them; else Pillow imports all 45 it knows
from PIL.ImageFile import ImageFile
from pillow_heif import register_heif_opener

from core.errors import ImageError
from core.images.image import Image, Limits
from core.images.tones import reduced_to_eight_bits

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", "HEIF")
JPEG_FORMATS = ("JPEG", "MPO")  # MPO: a JPEG with a second one behind it, as many phones write
# By these a file that Pillow does not recognize is a damaged picture rather than none.
SIGNATURES = ((b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"), (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"))
ORIENTATION = 274  # EXIF tag: how the camera was held
PHOTOMETRIC, WHITE_IS_ZERO = 262, 0  # TIFF tag: how numbers become light

ROTATE_90, ROTATE_180, ROTATE_270 = cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_COUNTERCLOCKWISE
# EXIF orientation -> whether to mirror, and how to turn then.
UPRIGHT: dict[int, tuple[bool, int | None]] = {
    1: (False, None),
    2: (True, None),
    3: (False, ROTATE_180),
    4: (True, ROTATE_180),
    5: (True, ROTATE_270),
    6: (False, ROTATE_90),
    7: (True, ROTATE_90),
    8: (False, ROTATE_270),
}
SIDEWAYS = (5, 6, 7, 8)  # orientations that swap width and height

register_heif_opener(thumbnails=False)
# Limits take the place of Pillow's own check, which only warns below 179 megapixels.
PIL.Image.MAX_IMAGE_PIXELS = None


class RasterDocument:
    """A picture file; only TIFF has pages, the frames of other formats are an animation of which the first counts."""

    def __init__(self, data: bytes, name: str, limits: Limits) -> None:
        self._data = data
        self._name = name
        self._limits = limits
        self._file = _open(data)
        self._page_count = self._count_pages()

    @property
    def page_count(self) -> int:
        """How many pages it has, at least 1."""
        return self._page_count

    def page(self, number: int) -> Image:
        """Decode page `number`, counted from 1.

        Raises:
            ImageError: it is too large or too small, cut short or damaged.
        """
        # A fresh file where there is one page: Pillow forgets the header's size once a JPEG was decoded smaller.
        picture = self._file if self._page_count > 1 else _open(self._data)
        try:
            if self._page_count > 1:
                picture.seek(number - 1)
            pixels, size_wh, factor = _decode(picture, self._limits)
        except ImageError:
            raise
        except Exception as error:  # noqa: BLE001 - Pillow lets out whatever it meets in damaged bytes
            _damaged(picture.format, error)
        return Image(pixels, self._name, number, self._page_count, float(factor), size_wh)

    def close(self) -> None:
        """Let go of the bytes."""
        self._file.close()

    def _count_pages(self) -> int:
        if self._file.format != "TIFF":
            return 1
        count = 1
        try:
            while count <= self._limits.pages:  # not n_frames: millions of empty pages fit into the bytes allowed
                self._file.seek(count)
                count += 1
        except EOFError:
            pass
        except Exception as error:  # noqa: BLE001 - as in `page`
            _damaged(self._file.format, error)
        self._limits.check_pages(count)
        return count


def _open(data: bytes) -> ImageFile:
    """Read the header. Raises ImageError where there is none."""
    try:
        return PIL.Image.open(BytesIO(data), formats=FORMATS)
    except PIL.UnidentifiedImageError as error:
        for signature, form in SIGNATURES:
            if data.startswith(signature):
                _damaged(form, error)
        size = "one byte" if len(data) == 1 else f"{len(data):,} bytes"
        raise ImageError(f"no readable picture in {size}; send PNG, JPEG, WebP, BMP, TIFF, GIF, HEIC or PDF") from error
    except Exception as error:  # noqa: BLE001 - as in `page`
        _damaged(None, error)


def _decode(picture: ImageFile, limits: Limits) -> tuple[NDArray[np.uint8], tuple[int, int], int]:
    """Upright RGB pixels, the upright original's width and height, and by what it was scaled down."""
    width, height = picture.size
    limits.check_size(width, height)
    factor = limits.reduction(width, height)
    # libjpeg decodes at half the size in a third of the time: it leaves out what would be averaged away.
    drafted = (
        factor > 1
        and picture.format in JPEG_FORMATS
        and picture.draft(None, (width // factor, height // factor)) is not None
    )
    picture.load()
    if not drafted:
        width, height = picture.size  # TIFF turns upright on its own; HEIC may correct its header
        limits.check_size(width, height)
    pixels = np.asarray(reduced_to_eight_bits(picture, 1 if drafted else factor))
    if picture.mode.startswith("I;16") and getattr(picture, "tag_v2", {}).get(PHOTOMETRIC) == WHITE_IS_ZERO:
        pixels = 255 - pixels  # Pillow does so for 1 and 8 bits, not for 16
    if pixels.ndim == 2:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB)
    orientation = _orientation(picture)
    size_wh = (height, width) if orientation in SIDEWAYS else (width, height)
    return _turned_upright(pixels, orientation), size_wh, factor


def _orientation(picture: ImageFile) -> int:
    """How the camera was held, 1 to 8, after EXIF; 1 (upright) where nothing sensible says otherwise."""
    try:
        orientation = picture.getexif().get(ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - damaged EXIF beside a whole picture is no reason to refuse it
        return 1
    return orientation if orientation in UPRIGHT else 1


def _turned_upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    mirror, turn = UPRIGHT[orientation]
    upright = cv2.flip(pixels, 1) if mirror else pixels
    turned = upright if turn is None else cv2.rotate(upright, turn)
    return turned.astype(np.uint8, copy=False)


def _damaged(form: str | None, error: Exception) -> NoReturn:
    raise ImageError(f"this {form or 'picture'} is cut short or damaged; save or send it again") from error
