"""The command line's contract: what goes to standard output, what to standard error, and the exit status."""

import csv
import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import PIL.Image
import pytest

from core import __main__ as command_line
from core.commands import read
from core.geometry import Box
from core.images import Image, decode
from core.models import ROOT_VARIABLE, ModelStore
from core.reading import Digit, Line, Reading
from core.segmentation.steps import Step
from tests.core.pictures import encode, encrypted_pdf, pages, png_header, scene
from tests.core.tiny_models import card_of, tiny_tflite

ROOT = Path(__file__).resolve().parents[2]


class Answer(NamedTuple):
    """What one run of the command line came to."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> list[dict[str, Any]]:
        """Standard output as JSON objects, one per line."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Answer]


def digit(value: int | None, left: int) -> Digit:
    probabilities = np.full(11, 0.01, np.float32)
    blank = np.zeros((28, 28), np.uint8)
    return Digit(value, 0.9, 3, 0.05, True, Box(left, 2, 8, 10), probabilities, blank, blank)


class WidthReader:
    """Reads the width of a picture: 40 x 24 pixels say "40". Narrower than 20: no writing. 100 and wider: two lines."""

    def __init__(self, classifier: object, recognizer: object) -> None:
        del classifier, recognizer

    def read(self, image: Image, *, with_steps: bool = False) -> Reading:
        """Answer without looking."""
        width = image.pixels.shape[1]
        texts = () if width < 20 else (str(width),) if width < 100 else (str(width), "7?")
        lines = tuple(
            Line(
                tuple(digit(None if c == "?" else int(c), 10 * i) for i, c in enumerate(text)),
                text,
                0.81,
                Box(0, 2, 18, 10),
            )
            for text in texts
        )
        steps = (
            Step("Even light", "for a test", image.pixels),
            Step("Ink / rules", "for a test", image.pixels[..., 0]),
        )
        return Reading(lines, steps if with_steps else (), "digitscope", 1.25, image.original_wh)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    """A store with one tiny model, which the command line uses."""
    root = tmp_path / "models"
    monkeypatch.setenv(ROOT_VARIABLE, str(root))
    store = ModelStore(root)
    model = tiny_tflite()
    store.publish("digitscope", model, None, card_of(model, "digitscope"))
    return store


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(store: ModelStore, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run one command in this process, with a reader that says a picture's width."""
    monkeypatch.setattr(read, "Reader", WidthReader)

    def run(*words: str) -> Answer:
        capfd.readouterr()
        try:
            status = command_line.main(words)
        except SystemExit as leaving:  # argparse: usage and --help
            status = int(leaving.code or 0)
        out, err = capfd.readouterr()
        return Answer(status, out, err)

    return run


def picture(width: int = 40) -> bytes:
    return encode("PNG", scene(width, 24))


# Answers for people


def test_a_picture_of_one_number_gives_that_number(run: Run, folder: Path) -> None:
    (folder / "a.png").write_bytes(picture(40))

    assert run("read", "a.png") == Answer(0, "Predicted number: 40\n", "")


def test_each_line_of_writing_gets_its_line(run: Run, folder: Path) -> None:
    (folder / "a.png").write_bytes(picture(100))

    assert run("read", "a.png") == Answer(0, "Predicted number: 100\nPredicted number: 7?\n", "")


def test_several_pictures_give_a_line_each(run: Run, folder: Path) -> None:
    for width in (10, 40, 100):
        (folder / f"{width}.png").write_bytes(picture(width))

    answer = run("read", "40.png", "100.png", "10.png")

    assert answer == Answer(0, "40.png: 40\n100.png: 100 | 7?\n10.png: no number found\n", "")


def test_a_picture_of_nothing_says_so(run: Run, folder: Path) -> None:
    (folder / "a.png").write_bytes(picture(10))

    assert run("read", "a.png") == Answer(0, "No number found\n", "")


def test_pages_are_named(run: Run, folder: Path) -> None:
    (folder / "scan.tif").write_bytes(pages("TIFF", 2))

    assert run("read", "scan.tif") == Answer(0, "scan.tif, page 1: 32\nscan.tif, page 2: 40\n", "")


# Answers for programs


def test_json_is_one_object_per_picture_and_nothing_else(run: Run, folder: Path) -> None:
    (folder / "a.png").write_bytes(picture(40))
    (folder / "b.png").write_bytes(picture(10))

    answer = run("read", "--json", "a.png", "b.png")

    digits = [
        {"digit": 4, "confidence": 0.9, "runner_up": 3, "runner_up_confidence": 0.05, "box": [0, 2, 8, 10]},
        {"digit": 0, "confidence": 0.9, "runner_up": 3, "runner_up_confidence": 0.05, "box": [10, 2, 8, 10]},
    ]
    lines = [{"text": "40", "digits": digits}]
    rest = {"model": "digitscope", "milliseconds": 1.2}
    assert answer.json == [
        {"file": "a.png", "text": "40", "lines": lines} | rest,
        {"file": "b.png", "text": "", "lines": []} | rest,
    ]
    assert answer.err == ""


def test_json_numbers_the_pages_of_a_document(run: Run, folder: Path) -> None:
    (folder / "scan.pdf").write_bytes(pages("PDF", 2))

    answer = run("read", "--json", "scan.pdf")

    assert [(entry["file"], entry["page"]) for entry in answer.json] == [("scan.pdf", 1), ("scan.pdf", 2)]


def test_what_cannot_be_read_is_an_object_and_the_others_go_on(run: Run, folder: Path) -> None:
    (folder / "bad.png").write_bytes(b"hello")
    (folder / "good.png").write_bytes(picture())

    answer = run("read", "--json", "bad.png", "missing.png", "good.png")

    assert answer.status == 1
    assert [set(entry) for entry in answer.json[:2]] == [{"file", "error"}] * 2
    assert answer.json[0]["error"].startswith("no readable picture in 5 bytes")
    assert answer.json[1]["error"].startswith("no such file")
    assert answer.json[2]["text"] == "40"


def test_a_bad_page_does_not_keep_the_others_from_being_read(run: Run, folder: Path) -> None:
    sheets = [PIL.Image.fromarray(scene(width, height)) for width, height in ((40, 24), (40, 2), (48, 24))]
    (folder / "scan.tif").write_bytes(encode("TIFF", sheets[0], save_all=True, append_images=sheets[1:]))

    answer = run("read", "--json", "scan.tif")

    assert answer.status == 1
    assert [(entry["page"], entry.get("text")) for entry in answer.json] == [(1, "40"), (2, None), (3, "48")]
    assert "too few" in answer.json[1]["error"]


# The table


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_table_has_a_row_per_line_of_writing(run: Run, folder: Path) -> None:
    (folder / "a.png").write_bytes(picture(100))
    (folder / "b.png").write_bytes(picture(10))
    (folder / "c.png").write_bytes(b"hello")

    answer = run("read", "--csv", "out.csv", "a.png", "b.png", "c.png")

    rows = rows_of(folder / "out.csv")
    assert list(rows[0]) == ["file", "page", "line", "text", "confidence", "error"]
    assert [tuple(row.values())[:5] for row in rows] == [
        ("a.png", "1", "1", "100", "0.8100"),
        ("a.png", "1", "2", "7?", "0.8100"),
        ("b.png", "1", "", "", ""),
        ("c.png", "1", "", "", ""),
    ]
    assert [bool(row["error"]) for row in rows] == [False, False, False, True]
    assert answer.out.startswith("a.png: 100 | 7?\n")


@pytest.mark.parametrize("name", ["=1+1.png", "+1.png", "@SUM(A1).png", "-1.png"])
def test_no_name_becomes_a_formula(name: str, run: Run, folder: Path) -> None:
    (folder / name).write_bytes(picture())

    run("read", "--csv", "out.csv", f"./{name}", ".")

    assert rows_of(folder / "out.csv")[0]["file"] == "'" + name


def test_a_table_that_cannot_be_written_is_a_sentence(run: Run, folder: Path) -> None:
    (folder / "a.png").write_bytes(picture())
    (folder / "file").touch()

    answer = run("read", "--csv", "file/out.csv", "a.png")

    assert answer.status == 1
    assert answer.err.startswith("error: 'out.csv' was not saved")


def test_the_pictures_that_are_read_are_never_written_over(run: Run, folder: Path) -> None:
    for name in ("a.png", "table.dat"):
        (folder / name).write_bytes(picture())
    (folder / "link").symlink_to(folder)

    over_pictures = [
        ("--annotated", ".", "a.png"),
        ("--annotated", "link", "."),
        ("--csv", "a.png", "table.dat"),
        ("--csv", "new.png", "a.png"),
        ("--csv", "table.dat", "table.dat"),
    ]
    answers = [run("read", *words) for words in over_pictures]

    assert [answer.status for answer in answers] == [1] * len(answers)
    assert all("picture" in answer.err and answer.err.count("\n") == 1 for answer in answers)
    assert (folder / "a.png").read_bytes() == (folder / "table.dat").read_bytes() == picture()
    assert not (folder / "new.png").exists()


def test_a_folder_is_no_table(run: Run, folder: Path) -> None:
    answer = run("read", "--csv", ".", "a.png")

    assert (answer.status, answer.out) == (1, "")
    assert "is a folder" in answer.err


@pytest.mark.parametrize("option", ["--csv", "--steps", "--annotated"])
def test_an_empty_word_names_no_place(run: Run, option: str) -> None:
    answer = run("read", option, "", "a.png")

    assert (answer.status, answer.out) == (2, "")
    assert f"argument {option}: an empty word is no path; name a file or folder" in answer.err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes with a path")
def test_a_pipe_is_no_table(run: Run, folder: Path) -> None:
    (folder / "a.png").write_bytes(picture())
    os.mkfifo(folder / "pipe")

    answer = run("read", "--csv", "pipe", "a.png")

    assert (answer.status, answer.out) == (1, "")
    assert "no ordinary file" in answer.err
    assert (folder / "pipe").is_fifo()


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_link_to_a_table_stays_a_link(run: Run, folder: Path) -> None:
    (folder / "a.png").write_bytes(picture())
    (folder / "there.csv").write_text("old", encoding="utf-8")
    (folder / "link.csv").symlink_to("there.csv")

    assert run("read", "--csv", "link.csv", "a.png").status == 0

    assert (folder / "link.csv").is_symlink()
    assert rows_of(folder / "there.csv")[0]["text"] == "40"


# Pictures of the way


def test_every_step_is_written(run: Run, folder: Path) -> None:
    (folder / "photo.png").write_bytes(picture(40))

    run("read", "--steps", "steps", "photo.png")

    written = sorted(path.relative_to(folder).as_posix() for path in (folder / "steps").rglob("*.png"))
    assert written == ["steps/photo/01-even-light.png", "steps/photo/02-ink-rules.png"]
    assert np.array_equal(decode((folder / written[0]).read_bytes()).pixels, scene(40, 24))


def test_files_and_pages_of_one_name_do_not_overwrite_each_other(run: Run, folder: Path) -> None:
    for name in ("a.png", "A.jpg", "sub/a.png"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(picture())
    (folder / "a.tif").write_bytes(pages("TIFF", 2))

    run("read", "--annotated", "marked", ".")

    written = sorted(path.name for path in (folder / "marked").iterdir())
    assert written == ["A.png", "a-2.png", "a-3.png", "a-page-001.png", "a-page-002.png"]


@pytest.mark.parametrize("name", ["a b<i>.png", "..png.png", "x" * 200 + ".png", "数字.png", "nul\n.png"])
def test_a_strange_name_gives_a_safe_one(name: str, run: Run, folder: Path) -> None:
    (folder / name).write_bytes(picture())

    run("read", "--annotated", "marked", f"./{name}")

    (written,) = (folder / "marked").iterdir()
    assert len(written.name) <= 84
    assert not set(written.name) & set("<>\n/ ")
    assert not written.name.startswith(".")


# Folders


def test_a_folder_gives_its_pictures_sorted_and_those_of_its_sub_folders(run: Run, folder: Path) -> None:
    for name in ("b.PNG", "a.png", "sub/c.png", ".hidden.png", ".cache/d.png", "notes.txt", "labels.csv"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(picture())

    answer = run("read", ".")

    assert answer.out == "a.png: 40\nb.PNG: 40\nsub/c.png: 40\n"
    assert answer.err == "passed over 2 other files in the folders\n"
    assert answer.status == 0


def test_one_file_passed_over_is_told_as_one(run: Run, folder: Path) -> None:
    (folder / "a.png").write_bytes(picture())
    (folder / "notes.txt").write_text("no picture", encoding="utf-8")

    assert run("read", ".").err == "passed over 1 other file in the folders\n"


def test_a_file_named_outright_is_read_whatever_its_suffix(run: Run, folder: Path) -> None:
    (folder / "scan.dat").write_bytes(picture())

    assert run("read", "scan.dat").out == "Predicted number: 40\n"


def test_an_empty_folder_is_a_sentence(run: Run, folder: Path) -> None:
    (folder / "empty").mkdir()

    answer = run("read", "empty")

    assert (answer.status, answer.out) == (1, "")
    assert answer.err.startswith("empty: no pictures in this folder")


def test_a_hundred_files_are_read_in_one_go(run: Run, folder: Path) -> None:
    for number in range(100):
        (folder / f"{number:03d}.png").write_bytes(picture(10 + number))

    assert len(run("read", "--json", ".").json) == 100


# Bad input


def unreadable(path: Path) -> None:
    path.write_bytes(picture())
    path.chmod(0)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"not a picture", "no readable picture"),
        (picture()[:100], "cut short or damaged"),
        (png_header(50_000, 50_000), "50,000 x 50,000 pixels"),
        (encode("PNG", scene()[:1, :1]), "1 x 1 pixels"),
        (encrypted_pdf(), "password"),
    ],
)
def test_bad_files_give_one_sentence_each(data: bytes, sentence: str, run: Run, folder: Path) -> None:
    (folder / "bad").write_bytes(data)

    answer = run("read", "bad")

    assert (answer.status, answer.out) == (1, "")
    assert answer.err.count("\n") == 1
    assert answer.err.startswith("bad: ")
    assert sentence in answer.err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_a_sentence(run: Run, folder: Path) -> None:
    unreadable(folder / "a.png")

    assert "no permission" in run("read", "a.png").err


def test_an_unknown_model_is_a_sentence(run: Run, folder: Path) -> None:
    answer = run("read", "--json", "--model", "nope", "a.png")

    assert (answer.status, answer.out) == (1, "")
    assert answer.err.startswith("error: there is no model 'nope'")
    assert answer.err.count("\n") == 1


def test_a_damaged_model_is_a_sentence(run: Run, store: ModelStore) -> None:
    (store.root / "digitscope" / "model.tflite").write_bytes(b"TFL3" * 50)

    answer = run("read", "a.png")

    assert (answer.status, answer.out) == (1, "")
    assert answer.err.startswith("error: the model 'digitscope'")


def test_control_characters_of_a_name_do_not_reach_the_terminal(run: Run, folder: Path) -> None:
    name = "a\n\x1b[2J<b>.png"
    (folder / name).write_bytes(picture())

    answer = run("read", name, "missing\x07")

    assert answer.out == "a\\n\\x1b[2J<b>.png: 40\n"
    assert answer.err.startswith("missing\\x07: no such file")


@pytest.mark.parametrize("name", ["a\nb.png", "<img src=x>.png", "é数.png", "\udc80\udcff.png"])
def test_json_carries_any_name_unharmed(name: str, run: Run, folder: Path) -> None:
    try:
        (folder / name).write_bytes(picture())
    except OSError:
        pytest.skip("this disk has no such names")

    assert run("read", "--json", name, "--csv", "out.csv").json[0]["file"] == name


def test_a_name_of_300_characters_is_a_sentence(run: Run) -> None:
    answer = run("read", "x" * 300)

    assert answer.status == 1
    assert "cannot be read" in answer.err


# Usage


def test_without_a_command_there_is_help(run: Run) -> None:
    answer = run()

    assert answer.status == 0
    assert all(command in answer.out for command in command_line.COMMANDS)


@pytest.mark.parametrize("command", sorted(command_line.COMMANDS))
def test_every_command_has_help(command: str, run: Run) -> None:
    answer = run(command, "--help")

    assert answer.status == 0
    assert answer.out.startswith(f"usage: python -m core {command}")


@pytest.mark.parametrize("words", [("read",), ("read", ""), ("write", "a.png"), ("read", "--colour", "a.png")])
def test_what_makes_no_sense_is_a_usage_error(words: tuple[str, ...], run: Run) -> None:
    answer = run(*words)

    assert (answer.status, answer.out) == (2, "")
    assert "usage: python -m core" in answer.err


@pytest.mark.parametrize(
    "line", [line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("python -m core")]
)
def test_what_the_readme_shows_is_understood(line: str) -> None:
    words = shlex.split(line, comments=True)[3:]

    assert command_line.build_parser().parse_args(words).command == words[0]


def test_an_interruption_is_quiet(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a.png").write_bytes(picture())

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(WidthReader, "read", interrupt)

    assert run("read", "a.png", "--csv", "out.csv") == Answer(130, "", "")
    assert not list(folder.glob("*.csv"))


# As a process


def process(*words: str, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    )


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("redirection", "status", "said"),
    [("2>&-", 0, ""), (">&-", 0, ""), ("<&-", 0, ""), (">/dev/full", 1, "error: the answer cannot be written")],
    ids=["no standard error", "no standard output", "no standard input", "a full disk"],
)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_streams_that_are_closed_or_full_are_no_crash(folder: Path, redirection: str, status: int, said: str) -> None:
    (folder / "a.png").write_bytes(encode("PNG", scene(64, 48)))
    command = f"{shlex.quote(sys.executable)} -m core read {shlex.quote(str(folder / 'a.png'))} {redirection}"

    ended = subprocess.run(command, check=False, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert ended.returncode == status
    assert ended.stderr.startswith(said)
    assert ended.stderr.count("\n") <= 1
    if redirection in ("2>&-", "<&-"):
        assert ended.stdout


@pytest.mark.usefixtures("store")
def test_reading_never_loads_tensorflow_nor_streamlit(folder: Path) -> None:
    (folder / "a.png").write_bytes(encode("PNG", scene(64, 48)))
    code = (
        "import sys; from core.__main__ import main; status = main(sys.argv[1:]);"
        "assert status == 0;"
        "heavy = {'tensorflow', 'keras', 'streamlit', 'plotly', 'pandas'} & set(sys.modules);"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )

    running = process("-c", code, "read", "--json", str(folder / "a.png"))
    _, err = running.communicate(timeout=60)

    assert (running.returncode, err) == (0, "")


@pytest.mark.usefixtures("store")
def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    for number in range(30):
        (folder / f"{number}.png").write_bytes(encode("PNG", scene(64, 48)))

    running = process("-m", "core", "read", "--json", str(folder))
    assert running.stdout is not None
    running.stdout.readline()
    running.stdout.close()
    assert running.stderr is not None
    err = running.stderr.read()
    running.stderr.close()
    running.wait(timeout=60)

    assert err == ""
    assert running.returncode in (0, 141)


@pytest.mark.usefixtures("store")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_control_c_ends_a_process_quietly(folder: Path) -> None:
    for number in range(300):
        (folder / f"{number}.png").write_bytes(encode("PNG", scene(64, 48)))

    running = process("-m", "core", "read", str(folder))
    assert running.stdout is not None
    running.stdout.readline()
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)

    assert err == ""
    assert running.returncode in (0, 130)  # 0 where it was done before the signal came
