"""Any bytes become upright RGB pixels, or one clear sentence; nothing is decoded before its size is known."""

import os
import random
import struct
import threading
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest
from numpy.typing import NDArray

from core.errors import ImageError
from core.images import SUFFIXES, Image, Limits, decode, decode_pages, from_rgba, load, open_document
from core.images.tones import reduced_to_eight_bits
from tests.core.pictures import FORMATS, encode, encrypted_pdf, exif, pages, png_header, png_of_16_bit_color, scene

LOSSLESS = ("PNG", "BMP", "TIFF", "GIF")
LOSSY = ("JPEG", "WEBP", "HEIF")


def differs_by(image: Image, pixels: NDArray[np.uint8]) -> float:
    """Mean difference per number, 0 to 255."""
    assert image.pixels.shape == pixels.shape
    return float(np.abs(image.pixels.astype(int) - pixels).mean())


# What is read


@pytest.mark.parametrize("form", LOSSLESS)
def test_a_lossless_picture_keeps_every_pixel(form: str) -> None:
    assert differs_by(decode(encode(form)), scene()) == 0


@pytest.mark.parametrize("form", LOSSY)
def test_a_lossy_picture_stays_close(form: str) -> None:
    assert differs_by(decode(encode(form, quality=90)), scene()) < 4


def test_a_pdf_page_is_rendered_at_200_dots_per_inch() -> None:
    page = decode(encode("PDF", scene(400, 300), resolution=100))

    assert page.pixels.shape == pytest.approx((600, 800, 3), abs=2)
    assert page.pixels[300, 150].tolist() == pytest.approx([20, 30, 120], abs=12)
    assert page.pixels[20, 780].tolist() == pytest.approx([240, 240, 240], abs=12)


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_an_animation_gives_its_first_frame_alone(form: str) -> None:
    first, second = (PIL.Image.fromarray(pixels) for pixels in (scene(), 255 - scene()))
    options = {"lossless": True} if form == "WEBP" else {}
    data = encode(form, first, save_all=True, append_images=[second], **options)

    images = list(decode_pages(data))

    assert len(images) == 1
    assert differs_by(images[0], scene()) == 0


def test_a_phone_s_double_picture_gives_its_first() -> None:
    data = encode(
        "MPO", PIL.Image.fromarray(scene()), save_all=True, append_images=[PIL.Image.fromarray(255 - scene())]
    )

    assert differs_by(decode(data), scene()) < 4


@pytest.mark.parametrize("form", ["TIFF", "PDF"])
def test_every_page_of_a_document_comes_in_order(form: str) -> None:
    images = list(decode_pages(pages(form, 3), "scan"))

    assert [(image.name, image.page, image.page_count) for image in images] == [("scan", n, 3) for n in (1, 2, 3)]
    widths = [image.pixels.shape[1] for image in images]
    assert widths == sorted(set(widths))


def test_pages_can_be_opened_in_any_order_and_twice() -> None:
    document = open_document(pages("TIFF", 3))

    widths = [document.page(number).pixels.shape[1] for number in (3, 1, 1, 2)]
    document.close()

    assert widths == [48, 32, 32, 40]


def test_what_is_decoded_keeps_its_name() -> None:
    assert decode(encode("PNG"), "a.png").name == "a.png"


# What the numbers mean


def test_16_bit_gray_is_scaled_not_clipped() -> None:
    ramp = np.tile(np.arange(0, 65536, 257, dtype=np.uint16), (16, 1))

    image = decode(encode("PNG", ramp))

    assert image.pixels[0, :, 0].tolist() == list(range(256))


def test_16_bit_gray_of_a_tiff_where_white_is_zero_is_turned_over() -> None:
    ramp = np.tile(np.arange(0, 65536, 257, dtype=np.uint16), (16, 1))

    image = decode(encode("TIFF", ramp, tiffinfo={262: 0}))

    assert image.pixels[0, :, 0].tolist() == list(range(255, -1, -1))


def test_16_bit_color_is_scaled_not_clipped() -> None:
    image = decode(png_of_16_bit_color((65535, 32768, 257)))

    assert image.pixels[4, 4].tolist() == pytest.approx([255, 128, 1], abs=1)


@pytest.mark.parametrize("top", [1.0, 255.0, 65535.0])
def test_floats_are_taken_by_the_range_they_span(top: float) -> None:
    ramp = np.tile(np.linspace(0, top, 256, dtype=np.float32), (16, 1))

    image = decode(encode("TIFF", ramp))

    assert image.pixels[0, :, 0].tolist() == list(range(256))


@pytest.mark.parametrize("value", [1e5, -5.0, 70_000.0])
@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_a_wide_picture_of_one_shade_is_blank(value: float, kind: type) -> None:
    image = decode(encode("TIFF", np.full((16, 16), value, kind)))

    assert image.pixels.min() == 255


def test_floats_that_are_no_numbers_do_no_harm() -> None:
    image = decode(encode("TIFF", np.full((16, 16), np.nan, np.float32)))

    assert image.pixels.max() == 0


def test_32_bit_numbers_are_stretched_over_their_range() -> None:
    ramp = np.tile(np.linspace(-1e6, 1e6, 256).astype(np.int32), (16, 1))

    image = decode(encode("TIFF", ramp))

    assert (image.pixels[0, 0, 0], image.pixels[0, -1, 0]) == (0, 255)


def test_cmyk_becomes_rgb() -> None:
    image = decode(encode("JPEG", PIL.Image.fromarray(scene()).convert("CMYK"), quality=95))

    assert differs_by(image, scene()) < 6


def test_a_palette_and_one_bit_become_rgb() -> None:
    palette = decode(encode("PNG", PIL.Image.fromarray(scene()).quantize(8)))
    one_bit = decode(encode("TIFF", PIL.Image.fromarray(scene()).convert("1"), compression="group4"))

    assert differs_by(palette, scene()) < 1
    assert set(np.unique(one_bit.pixels)) == {0, 255}
    assert one_bit.pixels[30, 12].max() == 0


@pytest.mark.parametrize(
    ("mode", "form"),
    [("RGBA", "PNG"), ("RGBA", "TIFF"), ("RGBA", "WEBP"), ("LA", "PNG"), ("LA", "TIFF"), ("PA", "TIFF"), ("P", "PNG")],
)
def test_what_is_transparent_becomes_white(mode: str, form: str) -> None:
    layer = PIL.Image.new("RGBA", (16, 16), (0, 0, 0, 0))
    layer.paste((0, 0, 0, 255), (8, 0, 16, 16))

    image = decode(encode(form, layer.convert(mode)))

    assert image.pixels[8, 4].tolist() == [255, 255, 255]
    assert image.pixels[8, 12].tolist() == [0, 0, 0]


@pytest.mark.parametrize("factor", [1, 2])
@pytest.mark.parametrize(
    ("strokes", "covered", "ground"),
    [
        ((255, 255, 255), 4, "black"),
        ((250, 240, 120), 4, "black"),
        ((40, 40, 90), 4, "white"),
        ((255, 255, 255), 12, "white"),
    ],
    ids=["white writing", "yellow writing", "dark writing", "a white sheet that was cut out"],
)
def test_light_writing_without_paper_gets_a_dark_one(
    strokes: tuple[int, int, int], covered: int, ground: str, factor: int
) -> None:
    layer = PIL.Image.new("RGBA", (16, 16), (0, 0, 0, 0))
    layer.paste((*strokes, 255), (0, 0, covered, 16))

    pixels = np.asarray(reduced_to_eight_bits(layer, factor))

    assert pixels[0, -1].tolist() == [{"black": 0, "white": 255}[ground]] * 3
    assert pixels[0, 0].tolist() == list(strokes)


def test_a_drawing_lies_on_white_paper() -> None:
    rgba = np.zeros((2, 3, 4), np.uint8)
    rgba[0, 0] = (10, 20, 30, 255)
    rgba[0, 1] = (0, 0, 0, 128)

    image = from_rgba(rgba)

    assert image.pixels[0].tolist() == [[10, 20, 30], [127, 127, 127], [255, 255, 255]]
    assert image.name == "drawing"


def test_a_drawing_and_its_png_agree() -> None:
    rgba = np.random.default_rng(0).integers(0, 256, (16, 16, 4), dtype=np.uint8)

    assert np.abs(from_rgba(rgba).pixels.astype(int) - decode(encode("PNG", rgba)).pixels).max() <= 1


# Which way is up


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP", "JPEG"])
def test_a_picture_is_turned_upright(orientation: int, form: str) -> None:
    options = {"lossless": True} if form == "WEBP" else {}
    data = encode(form, exif=exif(orientation), **options)
    tagged = PIL.Image.fromarray(scene())
    tagged.getexif()[274] = orientation
    expected = np.asarray(PIL.ImageOps.exif_transpose(tagged))

    image = decode(data)

    assert differs_by(image, expected) < 4
    assert image.original_wh == (expected.shape[1], expected.shape[0])


def test_a_heic_photo_is_turned_upright() -> None:
    image = decode(encode("HEIF", exif=exif(6), quality=90))

    assert differs_by(image, np.rot90(scene(), -1)) < 4


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_a_senseless_orientation_is_upright(orientation: int) -> None:
    assert differs_by(decode(encode("PNG", exif=exif(orientation))), scene()) == 0


# Large pictures


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_large_photo_is_scaled_down_and_remembers_its_size(form: str) -> None:
    limits = Limits(enough_pixels=50_000)

    image = decode(encode(form, scene(801, 601), exif=exif(6)), "photo", limits)

    assert image.scale == 2
    assert image.pixels.shape == (401, 301, 3)
    assert image.original_wh == (601, 801)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "CMYK", "I;16", "F"])
def test_scaling_down_while_decoding_averages_in_every_mode(mode: str) -> None:
    numbers = np.kron(np.random.default_rng(0).integers(0, 256, (20, 300), dtype=np.uint8), np.ones((120, 8), np.uint8))
    gray = PIL.Image.fromarray(numbers)  # 2,400 x 2,400 in flat blocks of 8 x 120, across the bands it is done in
    picture = PIL.Image.fromarray(numbers.astype(np.uint16) * 257) if mode == "I;16" else gray.convert(mode)
    data = encode("TIFF", picture)

    whole, small = decode(data, limits=Limits(enough_pixels=10**9)), decode(data, limits=Limits(enough_pixels=90_000))

    assert small.scale == 8
    blocks = whole.pixels.reshape(300, 8, 300, 8, 3).mean((1, 3))
    assert np.abs(blocks - small.pixels).max() <= 1


@pytest.mark.parametrize(("pixels", "factor"), [(1, 1), (11_999_999, 1), (12_000_000, 2), (48_000_000, 4), (10**9, 8)])
def test_a_picture_is_halved_as_long_as_enough_pixels_remain(pixels: int, factor: int) -> None:
    assert Limits(enough_pixels=3_000_000).reduction(pixels, 1) == factor


def test_pages_are_decoded_one_at_a_time() -> None:
    data = pages("TIFF", 60, height=200)
    everything = sum(200 * (32 + 8 * page) * 3 for page in range(60))

    tracemalloc.start()
    for _ in decode_pages(data):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < everything / 5


def test_a_pdf_of_200_pages_gives_its_first_page_at_once() -> None:
    iterator = decode_pages(pages("PDF", 200))

    first = next(iterator)

    assert (first.page, first.page_count) == (1, 200)


def test_documents_can_be_read_by_several_threads() -> None:
    data = pages("PDF", 5)
    sizes: list[list[int]] = []
    readers = [
        threading.Thread(target=lambda: sizes.append([page.pixels.shape[1] for page in decode_pages(data)]))
        for _ in range(4)
    ]

    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()

    assert len(sizes) == 4
    assert all(size == sizes[0] for size in sizes)


# What is refused


def refusal(data: bytes, limits: Limits = Limits()) -> str:
    with pytest.raises(ImageError) as caught:
        list(decode_pages(data, limits=limits))
    return str(caught.value)


def test_zero_bytes_are_refused() -> None:
    assert "empty" in refusal(b"")


@pytest.mark.parametrize("data", [b"hello", b"\0" * 5000, b"RIFF1234WAVE", b"<svg></svg>", b"PK\x03\x04" + b"x" * 99])
def test_what_is_no_picture_is_refused_with_what_may_be_sent(data: bytes) -> None:
    assert refusal(data) == (
        f"no readable picture in {len(data):,} bytes; send PNG, JPEG, WebP, BMP, TIFF, GIF, HEIC or PDF"
    )


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_truncated_file_is_refused_not_half_read(form: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    data = encode(form, noise)

    assert "cut short or damaged" in refusal(data[: int(share * len(data))])


def test_a_bomb_is_refused_before_anything_is_decoded() -> None:
    tracemalloc.start()
    sentence = refusal(png_header(50_000, 50_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (
        sentence == "the picture has 50,000 x 50,000 pixels, more than the 80 megapixels that are read; scale it down"
    )
    assert peak < 2_000_000


@pytest.mark.parametrize("form", ["BMP", "GIF", "TIFF"])
def test_a_bomb_of_another_format_is_refused(form: str) -> None:
    data = bytearray(encode(form))
    if form == "BMP":
        data[18:26] = struct.pack("<ii", 50_000, 50_000)
    elif form == "GIF":
        data[6:10] = struct.pack("<HH", 50_000, 50_000)
    else:
        for tag, side in ((256, 64), (257, 48)):
            data = data.replace(struct.pack("<HHII", tag, 4, 1, side), struct.pack("<HHII", tag, 4, 1, 50_000))

    assert "50,000 x 50,000 pixels" in refusal(bytes(data))


def test_a_ribbon_too_long_is_refused() -> None:
    assert "pixels a side" in refusal(png_header(1_000_000, 10))


def test_one_pixel_is_refused() -> None:
    assert "1 x 1 pixels, too few to hold a digit" in refusal(encode("PNG", scene()[:1, :1]))


def test_too_many_bytes_are_refused() -> None:
    assert "MB that are read" in refusal(encode("PNG"), Limits(bytes=100))


@pytest.mark.parametrize("form", ["TIFF", "PDF"])
def test_too_many_pages_are_refused(form: str) -> None:
    assert "more than 4 pages" in refusal(pages(form, 5), Limits(pages=4))


def test_a_page_too_large_does_not_keep_the_others_from_being_read() -> None:
    document = open_document(pages("TIFF", 3, height=24), limits=Limits(pixels=40 * 24))

    assert document.page(2).page == 2
    with pytest.raises(ImageError, match="48 x 24 pixels"):
        document.page(3)
    document.close()


def test_an_encrypted_pdf_is_refused() -> None:
    assert "password" in refusal(encrypted_pdf())


def test_a_poster_of_a_pdf_is_rendered_within_bounds() -> None:
    page = decode(encode("PDF", scene(200, 100), resolution=1))

    assert page.pixels.shape[0] * page.pixels.shape[1] <= 8_100_000


def damaged(data: bytes, dice: random.Random) -> bytes:
    """`data` cut short at random, or with some bytes changed, mostly near its start, where headers are."""
    if dice.random() < 0.3:
        return data[: dice.randrange(len(data))]
    changed = bytearray(data)
    for _ in range(dice.choice([1, 2, 5, 30])):
        place = dice.randrange(min(len(changed), dice.choice([40, 200, len(changed)])))
        changed[place] = dice.choice([0, 127, 128, 255, dice.randrange(256)])
    return bytes(changed)


@pytest.mark.parametrize("form", FORMATS)
def test_no_damage_raises_anything_but_an_image_error(form: str) -> None:
    dice = random.Random(form)
    options = {} if form in ("PDF", "GIF", "BMP") else {"exif": exif(6)}
    whole = encode(form, scene(32, 24), **options)

    for _ in range(60):
        with suppress(ImageError):  # anything else fails the test
            for image in decode_pages(damaged(whole, dice)):
                assert image.pixels.ndim == 3


# Files


def test_a_file_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"bytes")

    assert load(tmp_path / "a.png") == b"bytes"


def make_empty(path: Path) -> None:
    path.touch()


def make_folder(path: Path) -> None:
    path.mkdir()


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10**12)  # a hole: it takes no room on the disk


def make_dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def make_circle(path: Path) -> None:
    path.symlink_to(path.name)


def make_nothing(path: Path) -> None:
    pass


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (make_nothing, "no such file"),
        (make_dangling, "no such file"),
        (make_circle, "no such file"),
        (make_empty, "empty"),
        (make_folder, "folder"),
        (make_pipe, "not a file"),
        (make_large, "MB"),
    ],
)
def test_what_cannot_be_loaded_says_why(make: Callable[[Path], None], sentence: str, tmp_path: Path) -> None:
    make(tmp_path / "picture.png")

    with pytest.raises(ImageError, match=sentence):
        load(tmp_path / "picture.png")


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "a\nb\udc80.png"])
def test_an_impossible_name_is_an_image_error(name: str) -> None:
    with pytest.raises(ImageError):
        load(Path(name))


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.png"
    path.write_bytes(b"bytes")

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_bytes", refuse)  # not chmod: tests may run as root, who may read all

    with pytest.raises(ImageError, match="no permission"):
        load(path)


# The type


def test_a_picture_must_be_rgb() -> None:
    with pytest.raises(ValueError, match="uint8"):
        Image(np.zeros((4, 4), np.uint8))


def test_a_page_lies_within_its_document() -> None:
    with pytest.raises(ValueError, match="page 3 of 2"):
        Image(scene(), page=3, page_count=2)


def test_suffixes_are_lower_case_with_a_dot() -> None:
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in SUFFIXES)
