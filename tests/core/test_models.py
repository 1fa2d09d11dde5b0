"""The store lists and loads whole, true models only, and says in one sentence why another is none."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core import files, models
from core.__main__ import main
from core.card import CARD_BYTES_LIMIT, Calibration, Card
from core.errors import ModelError, StorageError
from core.models import ModelStore
from tests.core.tiny_models import card_of, tiny_tflite

TFLITE = tiny_tflite()


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """A store that holds the shipped model and one of a person's own."""
    store = ModelStore(tmp_path / "models")
    store.publish("digitscope", TFLITE, b"keras", card_of(TFLITE, "digitscope"))
    store.publish("mine", TFLITE, None, card_of(TFLITE, "mine"))
    return store


def problem(store: ModelStore, name: str) -> str:
    return dict(store.problems())[name]


def other_tflite() -> bytes:
    """As large as TFLITE, with other weights."""
    return tiny_tflite(bias=np.arange(11, dtype=np.float32)[::-1])


def test_a_published_model_is_listed_and_reads(store: ModelStore) -> None:
    classifier = store.load("mine")

    assert store.names() == ("digitscope", "mine")
    assert store.problems() == ()
    assert classifier.card == store.card("mine") == card_of(TFLITE, "mine")
    assert classifier.probabilities(np.zeros((1, 28, 28), np.uint8)).argmax() == 10


def test_a_store_without_a_folder_is_empty_and_says_what_to_do(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "nowhere")

    assert store.names() == ()
    assert store.problems() == ()
    with pytest.raises(ModelError, match=r"there is no model 'digitscope' in .*nowhere; make one with"):
        store.load(store.current())


def test_an_unknown_name_lists_the_known_ones(store: ModelStore) -> None:
    with pytest.raises(ModelError, match=r"there is no model 'theirs' in .*; there is digitscope, mine"):
        store.load("theirs")


@pytest.mark.parametrize("name", ["", "..", "../mine", "a/b", "Mine", "x" * 41, "mine\n", ".hidden", "current", "m\0"])
def test_a_name_that_is_no_plain_word_is_refused_everywhere(store: ModelStore, name: str) -> None:
    for use in (store.card, store.load, store.choose, store.delete, store.keras_file):
        with pytest.raises(ModelError, match="cannot name a model"):
            use(name)


def test_the_environment_names_another_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITSCOPE_MODELS", str(tmp_path))

    assert ModelStore().root == tmp_path
    monkeypatch.delenv("DIGITSCOPE_MODELS")
    assert ModelStore().root == Path(models.__file__).parent.parent / "models"


def test_only_a_stored_keras_model_has_a_file(store: ModelStore) -> None:
    assert store.keras_file("mine") is None
    keras_file = store.keras_file("digitscope")
    assert keras_file is not None
    assert keras_file.read_bytes() == b"keras"


# What may be wrong on disk: each is left out of the list, told in one sentence, and spares the others.


def cut_short(folder: Path) -> None:
    (folder / "model.tflite").write_bytes(TFLITE[:1000])


def change_a_weight(folder: Path) -> None:
    (folder / "model.tflite").write_bytes(other_tflite())


def remove_the_model(folder: Path) -> None:
    (folder / "model.tflite").unlink()


def remove_the_card(folder: Path) -> None:
    (folder / "card.json").unlink()


def half_write_the_card(folder: Path) -> None:
    text = (folder / "card.json").read_text()
    (folder / "card.json").write_text(text[: len(text) // 2])


def swell_the_card(folder: Path) -> None:
    (folder / "card.json").write_bytes(b" " * (CARD_BYTES_LIMIT + 1))


def swell_the_model(folder: Path) -> None:
    with (folder / "model.tflite").open("r+b") as file:
        file.truncate(models.TFLITE_BYTES_LIMIT + 1)


def borrow_a_card(folder: Path) -> None:
    (folder / "card.json").write_text(card_of(TFLITE, "digitscope").to_json())


def link_the_model_out(folder: Path) -> None:
    secret = folder.parent.parent / "secret"
    secret.write_bytes(TFLITE)
    (folder / "model.tflite").unlink()
    (folder / "model.tflite").symlink_to(secret)


def link_the_folder_out(folder: Path) -> None:
    folder.rename(folder.parent.parent / "elsewhere")
    folder.symlink_to(folder.parent.parent / "elsewhere", target_is_directory=True)


def make_the_model_a_folder(folder: Path) -> None:
    (folder / "model.tflite").unlink()
    (folder / "model.tflite").mkdir()


def make_the_model_a_pipe(folder: Path) -> None:
    (folder / "model.tflite").unlink()
    os.mkfifo(folder / "model.tflite")


def link_in_a_circle(folder: Path) -> None:
    (folder / "model.tflite").unlink()
    (folder / "model.tflite").symlink_to(folder / "model.tflite")


def store_foreign(tflite: bytes) -> Callable[[Path], None]:
    """A model whose card is true, but which is not one of ours."""

    def put(folder: Path) -> None:
        (folder / "model.tflite").write_bytes(tflite)
        (folder / "card.json").write_text(card_of(tflite, "mine").to_json())

    return put


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (cut_short, "not the one its card describes"),
        (change_a_weight, "not the one its card describes"),
        (remove_the_model, "has no model.tflite"),
        (remove_the_card, "has no card.json"),
        (half_write_the_card, "not readable JSON"),
        (swell_the_card, "card.json of the model 'mine' has more than"),
        (swell_the_model, "model.tflite of the model 'mine' has more than"),
        (borrow_a_card, "the card of the model 'mine' is that of 'digitscope'"),
        (link_the_model_out, "link out of the store"),
        (link_the_folder_out, "link out of the store"),
        (make_the_model_a_folder, "no plain file"),
        (make_the_model_a_pipe, "no plain file"),
        (link_in_a_circle, "cannot be read"),
        (store_foreign(b"PK\x03\x04" + b"zip" * 100), "damaged or not a digit reader"),
        (store_foreign(TFLITE[:3000]), "damaged or not a digit reader"),
        (store_foreign(tiny_tflite(side=32)), "damaged or not a digit reader"),
        (store_foreign(tiny_tflite(outputs=5)), "its card promises"),
        (store_foreign(tiny_tflite(outputs=10)), "its card promises"),
    ],
)
def test_a_damaged_or_foreign_model_is_told_and_never_loaded(
    store: ModelStore, damage: Callable[[Path], None], sentence: str
) -> None:
    store.names()

    damage(store.root / "mine")

    assert store.names() == ("digitscope",)
    assert sentence in problem(store, "mine")
    for use in (store.card, store.load, store.choose):
        with pytest.raises(ModelError, match=sentence):
            use("mine")
    store.load("digitscope")


def test_a_file_that_may_not_be_read_is_told(store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(path: Path, mode: str = "r") -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", closed)

    with pytest.raises(ModelError, match=r"card.json of the model 'mine' cannot be read; check its permissions"):
        store.load("mine")


def test_a_mended_model_is_listed_again(store: ModelStore) -> None:
    cut_short(store.root / "mine")
    broken = store.names()

    (store.root / "mine" / "model.tflite").write_bytes(TFLITE)

    assert broken == ("digitscope",)
    assert store.names() == ("digitscope", "mine")


def test_a_damaged_model_is_not_served_from_memory(store: ModelStore) -> None:
    store.load("mine")
    status = (store.root / "mine" / "model.tflite").stat()

    change_a_weight(store.root / "mine")
    os.utime(store.root / "mine" / "model.tflite", ns=(status.st_atime_ns, status.st_mtime_ns))

    with pytest.raises(ModelError, match="not the one its card describes"):
        store.load("mine")
    assert store.names() == ("digitscope",)


def test_asking_again_hashes_nothing_again(store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    first = store.names()

    def never(path: Path, mode: str = "r") -> None:
        raise AssertionError(f"{path} was opened again")

    monkeypatch.setattr(Path, "open", never)

    assert store.names() == first
    assert store.card("mine").name == "mine"


def test_strangers_in_the_folder_are_no_models(store: ModelStore) -> None:
    (store.root / "README.md").write_text("models live here")
    (store.root / ".0123.partial").mkdir()
    (store.root / "My Model").mkdir()

    assert store.names() == ("digitscope", "mine")
    assert "'My Model' cannot name a model" in problem(store, "My Model")
    assert len(store.problems()) == 1


# Publishing


def test_a_new_model_replaces_the_old_one(store: ModelStore) -> None:
    newer = other_tflite()

    store.publish("mine", newer, None, card_of(newer, "mine"))

    assert store.load("mine").probabilities(np.zeros((1, 28, 28), np.uint8)).argmax() == 0
    assert sorted(path.name for path in store.root.iterdir()) == ["digitscope", "mine"]


@pytest.mark.parametrize(
    ("tflite", "card", "sentence"),
    [
        (TFLITE, card_of(TFLITE, "theirs"), "the card names 'theirs'"),
        (other_tflite(), card_of(TFLITE, "new"), "not the one its card describes"),
        (b"zip" * 100, card_of(b"zip" * 100, "new"), "damaged or not a digit reader"),
        (tiny_tflite(side=20), card_of(tiny_tflite(side=20), "new"), "damaged or not a digit reader"),
    ],
)
def test_what_does_not_read_or_match_is_not_published(
    store: ModelStore, tflite: bytes, card: Card, sentence: str
) -> None:
    with pytest.raises(ModelError, match=sentence):
        store.publish("new", tflite, None, card)
    assert sorted(path.name for path in store.root.iterdir()) == ["digitscope", "mine"]


@pytest.mark.parametrize("written_before", [0, 1, 2])
def test_a_disk_that_fills_while_publishing_keeps_the_old_model(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch, written_before: int
) -> None:
    newer = other_tflite()
    calls = 0
    fsync = os.fsync

    def fill_up(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls > 2 * written_before:  # each file flushes itself and its folder
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(files.os, "fsync", fill_up)

    with pytest.raises(StorageError, match="the disk is full"):
        store.publish("mine", newer, b"keras", card_of(newer, "mine"))
    assert sorted(path.name for path in store.root.iterdir()) == ["digitscope", "mine"]
    assert store.load("mine").card.tflite_sha256 == card_of(TFLITE).tflite_sha256


def test_a_folder_that_cannot_be_written_gives_one_sentence(store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(path: Path, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", closed)

    with pytest.raises(StorageError, match=r"models cannot be written, 'new' was not saved; choose another folder"):
        store.publish("new", TFLITE, None, card_of(TFLITE, "new"))
    assert store.names() == ("digitscope", "mine")


def test_a_rename_that_fails_puts_the_old_model_back(store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = other_tflite()
    rename = Path.rename

    def fail_for_the_new(path: Path, target: Path) -> Path:
        if path.name.endswith(".partial"):
            raise OSError(errno.EIO, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail_for_the_new)

    with pytest.raises(StorageError, match="Input/output error"):
        store.publish("mine", newer, None, card_of(newer, "mine"))
    assert store.load("mine").card.tflite_sha256 == card_of(TFLITE).tflite_sha256


def test_a_crash_between_two_renames_loses_no_model(store: ModelStore) -> None:
    (store.root / "mine").rename(store.root / ".mine.previous")
    newer = other_tflite()

    assert store.names() == ("digitscope", "mine")
    assert store.load("mine").card.tflite_sha256 == card_of(TFLITE).tflite_sha256

    store.publish("mine", newer, None, card_of(newer, "mine"))

    assert store.load("mine").card.tflite_sha256 == card_of(newer).tflite_sha256
    assert sorted(path.name for path in store.root.iterdir()) == ["digitscope", "mine"]


def test_a_publish_during_a_load_does_not_disturb_it(store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = other_tflite()
    read = ModelStore._bytes

    def publish_after_the_card(self: ModelStore, path: Path, limit: int, name: str) -> bytes:
        data = read(self, path, limit, name)
        if path.name == "card.json":
            monkeypatch.setattr(ModelStore, "_bytes", read)
            store.publish("mine", newer, None, card_of(newer, "mine"))
        return data

    monkeypatch.setattr(ModelStore, "_bytes", publish_after_the_card)

    assert store.load("mine").card.tflite_sha256 == card_of(newer).tflite_sha256


def test_measured_figures_join_those_of_the_card(store: ModelStore) -> None:
    store.record("mine", {"mnist_test_accuracy": 0.9975})

    assert store.card("mine").figures == {"accuracy": 0.5, "mnist_test_accuracy": 0.9975}
    assert store.load("mine").card.tflite_sha256 == card_of(TFLITE).tflite_sha256


def test_a_mean_over_seeds_stays_beside_its_figure_and_goes_when_that_changes(store: ModelStore) -> None:
    store.record("mine", {"right": 0.99, "right_mean": 0.98, "ms": 0.1, "ms_mean": 0.2})

    store.record("mine", {"right": 0.99, "ms": 0.11})

    assert store.card("mine").figures == {"accuracy": 0.5, "right": 0.99, "right_mean": 0.98, "ms": 0.11}


# Choosing and deleting


def test_the_shipped_model_is_in_use_until_another_is_chosen(store: ModelStore) -> None:
    before = store.current()
    store.choose("mine")

    assert before == "digitscope"
    assert store.current() == "mine"
    assert ModelStore(store.root).current() == "mine"


@pytest.mark.parametrize("content", [b"gone\n", b"../../etc", b"", b"\xff\xfe", b"x" * 10_000])
def test_a_choice_that_cannot_be_kept_falls_back_and_says_so(store: ModelStore, content: bytes) -> None:
    (store.root / "current").write_bytes(content)

    assert store.current() == "digitscope"
    assert "'digitscope' is used; choose a model again" in problem(store, "current")


def test_a_chosen_model_that_breaks_falls_back_and_says_so(store: ModelStore) -> None:
    store.choose("mine")
    cut_short(store.root / "mine")

    assert store.current() == "digitscope"
    assert "the chosen model 'mine' is missing or damaged" in problem(store, "current")
    assert store.load(store.current()).name == "digitscope"


def test_a_lost_choice_is_said_until_a_model_is_chosen(store: ModelStore) -> None:
    assert store.lost_choice() is None
    store.choose("mine")
    assert store.lost_choice() is None

    cut_short(store.root / "mine")
    assert store.lost_choice() == problem(store, "current")
    store.delete("mine")  # it is not in use any more
    assert "the chosen model 'mine' is missing or damaged" in str(store.lost_choice())

    store.choose("digitscope")
    assert store.lost_choice() is None
    assert store.problems() == ()


def test_a_choice_on_a_full_disk_keeps_the_old_one(store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.choose("mine")

    def no_space(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", no_space)

    with pytest.raises(StorageError, match="the disk is full"):
        store.choose("digitscope")
    assert store.current() == "mine"


def test_a_deleted_model_is_gone(store: ModelStore) -> None:
    store.delete("mine")

    assert store.names() == ("digitscope",)
    assert [path.name for path in store.root.iterdir()] == ["digitscope"]


def test_a_broken_model_can_be_deleted(store: ModelStore) -> None:
    remove_the_card(store.root / "mine")

    store.delete("mine")

    assert store.problems() == ()


def test_deleting_a_link_spares_what_it_points_to(store: ModelStore) -> None:
    link_the_folder_out(store.root / "mine")

    store.delete("mine")

    assert store.problems() == ()
    assert (store.root.parent / "elsewhere" / "model.tflite").read_bytes() == TFLITE


def test_the_shipped_model_the_one_in_use_and_a_missing_one_are_not_deleted(store: ModelStore) -> None:
    store.choose("mine")

    with pytest.raises(ModelError, match="'digitscope' comes with the program"):
        store.delete("digitscope")
    with pytest.raises(ModelError, match="'mine' is in use; choose another one first"):
        store.delete("mine")
    with pytest.raises(ModelError, match="there is no model 'theirs'"):
        store.delete("theirs")


# Cards


def test_a_card_survives_its_json() -> None:
    card = card_of(
        TFLITE,
        figures={"accuracy": 0.9975, "confusion": [[980, 0], [1, 1134]], "seeds": {"mean": 0.997}},
        calibration=Calibration(temperature=1.3, unsure_below=0.9, not_digit_above=0.4),
    )

    assert Card.from_json(card.to_json()) == card
    assert Card.from_json(card.to_json().encode()) == card


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "../../etc", "cannot name a model"),
        ("name", 7, "a name that is not text"),
        ("created", "yesterday", "which is no date"),
        ("parameters", 0, "0 parameters"),
        ("parameters", True, "parameters that is not a whole number"),
        ("parameters", 1.5, "parameters that is not a whole number"),
        ("outputs", 12, "12 outputs where 10 or 11 are known"),
        ("data", "mnist", "data that is not a list"),
        ("data", [1], "data sets that are not text"),
        ("settings", [], "settings that is not an object"),
        ("figures", None, "figures that is not an object"),
        ("calibration", {"temperature": 1.0}, "does not tell its calibration.not_digit_above"),
        ("calibration", {"temperature": 0, "unsure_below": 0, "not_digit_above": 0}, "temperature of 0.01 to 100"),
        ("calibration", {"temperature": 1, "unsure_below": 2, "not_digit_above": 0}, "between 0 and 1"),
        (
            "calibration",
            {"temperature": "1", "unsure_below": 0, "not_digit_above": 0},
            "temperature that is not a number",
        ),
        ("calibration", {"temperature": 10**400, "unsure_below": 0, "not_digit_above": 0}, "beyond every number"),
        ("tflite_sha256", "F" * 64, "no SHA-256"),
        ("tflite_bytes", 10**12, "a model of 1000000000000 bytes"),
        ("format", 2, "format '2' where this program knows 1"),
        ("format", True, "format 'True'"),
        ("surprise", 1, "unknown field 'surprise'"),
    ],
)
def test_a_card_with_one_wrong_field_is_refused(field: str, value: object, sentence: str) -> None:
    values = json.loads(card_of(TFLITE).to_json()) | {field: value}

    with pytest.raises(ModelError, match=sentence):
        Card.from_json(json.dumps(values))


def test_a_card_that_leaves_something_out_is_refused() -> None:
    whole = json.loads(card_of(TFLITE).to_json())

    for key in whole:
        with pytest.raises(ModelError, match=key):
            Card.from_json(json.dumps({other: value for other, value in whole.items() if other != key}))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{", '{"format": NaN}', '{"format": 1e999}', "[" * 100_000, b"\xff\xfe{}", "9" * 5000],
    ids=["empty", "list", "null", "cut short", "NaN", "infinite", "deep", "not UTF-8", "huge number"],
)
def test_what_is_not_a_json_object_is_no_card(text: str | bytes) -> None:
    with pytest.raises(ModelError, match=r"the model card is not (readable JSON|a JSON object)"):
        Card.from_json(text)


# The command


@pytest.fixture
def named(store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    """The store, as the one that commands use."""
    monkeypatch.setenv("DIGITSCOPE_MODELS", str(store.root))
    return store


@pytest.mark.parametrize("words", [[], ["list"]])
def test_the_list_marks_the_model_in_use(
    named: ModelStore, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    named.choose("mine")

    status = main(["models", *words])

    rows = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert status == 0
    assert rows == [
        "name network parameters KB accuracy created",
        "digitscope matrix 8,635 34 - 2026-01-02",
        "* mine matrix 8,635 34 - 2026-01-02",
    ]


@pytest.mark.parametrize("words", [["--json"], ["list", "--json"], ["--json", "list"]])
def test_the_list_as_json_tells_cards_and_problems(
    named: ModelStore, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    remove_the_card(named.root / "mine")

    status = main(["models", *words])

    answer = json.loads(capsys.readouterr().out)
    assert status == 0
    assert answer["current"] == "digitscope"
    assert [card["name"] for card in answer["models"]] == ["digitscope"]
    assert [problem["name"] for problem in answer["problems"]] == ["mine"]


def test_a_model_is_chosen_and_another_deleted(named: ModelStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "use", "mine"]) == 0
    assert named.current() == "mine"
    assert main(["models", "use", "digitscope"]) == 0
    assert main(["models", "delete", "mine"]) == 0
    assert named.names() == ("digitscope",)


@pytest.mark.parametrize(
    ("words", "ended", "sentence"),
    [
        (["use", "theirs"], 1, "error: there is no model 'theirs'"),
        (["use", "../mine"], 2, "error: '../mine' cannot name a model"),
        (["delete", "digitscope"], 1, "error: 'digitscope' comes with the program and stays"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    named: ModelStore, words: list[str], ended: int, sentence: str, capfd: pytest.CaptureFixture[str]
) -> None:
    status = main(["models", *words])

    output = capfd.readouterr()
    assert status == ended
    assert output.err.startswith(sentence)
    assert output.err.count("\n") == 1


def test_an_empty_store_says_how_to_fill_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DIGITSCOPE_MODELS", str(tmp_path))

    status = main(["models"])

    assert status == 0
    assert "make one with `python -m core train`" in capsys.readouterr().err
