"""Runs: what lies on disk is whole or passed over, one trains at a time, and whatever ends one is told."""

from __future__ import annotations

import errno
import json
import math
import os
import re
import threading
import time
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from core import files
from core.datasets import load, make, sources
from core.errors import DataError, ModelError, NothingLearnedError, SettingsError, StorageError, TrainingError
from core.models import ModelStore
from core.runs import history as histories
from core.runs import limits, process, result, state
from core.runs.comparison import McNemar, examine, settings_side_by_side
from core.runs.estimate import estimate, remember_speed
from core.runs.events import EVENTS_FILE, EventReader, EventWriter
from core.runs.history import History, read_history, read_mistakes, to_csv
from core.runs.plan import Limits, RunPlan, free_name
from core.runs.presets import presets
from core.runs.result import Result
from core.runs.state import State
from core.runs.store import Run, RunStore
from core.runs.verdict import verdict
from core.runs.work import Made, Worker, work
from core.training_plan import (
    Begun,
    EpochDone,
    Measuring,
    Mistakes,
    Note,
    Preparing,
    Progress,
    Wish,
    settings_from,
)  # fmt: skip
from tests.core.tiny_models import card_of, tiny_tflite

FIVE, SEVEN = (tiny_tflite(bias=12 * np.eye(11, dtype=np.float32)[digit]) for digit in (5, 7))


@pytest.fixture
def runs(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def run(runs: RunStore) -> Run:
    return runs.create(plan())


def plan(name: str = "mine", **changes: object) -> RunPlan:
    return RunPlan(name=name, dataset="mnist", settings=settings_from("swift", dict(changes)))


def progress(epoch: int, step: int, loss: float = 1.0, epochs: int = 3, steps: int = 10) -> Progress:
    return Progress(
        epoch=epoch, epochs=epochs, step=step, steps=steps, loss=loss, accuracy=0.5, recent_loss=loss,
        recent_accuracy=0.5, learning_rate=1e-3, digits_per_second=1000.0, seconds_left=5.0,
    )  # fmt: skip


def epoch_done(epoch: int, validation_loss: float = 0.5, accuracy: float = 0.9, loss: float = 0.4) -> EpochDone:
    confusion = tuple(tuple(int(row == column) for column in range(10)) for row in range(10))
    return EpochDone(
        epoch=epoch, epochs=9, loss=loss, accuracy=0.9, validation={"digits": accuracy},
        validation_loss=validation_loss, validation_accuracy=accuracy, confusion=confusion, seconds=2.0,
    )  # fmt: skip


def made(name: str = "mine", finished: bool = True, tflite: bytes = SEVEN) -> Made:
    return Made(Result(card_of(tflite, name), tflite, b"PK keras", b"events"), finished)


def tell(run: Run, *events: object) -> None:
    writer = EventWriter(run.folder / EVENTS_FILE)
    for event in events:
        writer.write(event)  # type: ignore[arg-type]
    writer.close()


# Plans


def test_a_plan_survives_its_file(run: Run, runs: RunStore) -> None:
    assert runs.run(run.id).plan == run.plan


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"null", b'{"format": 2}', b"[" * 50_000, b"\xff", b'{"format": 1, "settings": 3}'],
    ids=["empty", "cut short", "list", "null", "another format", "deep", "not UTF-8", "no settings"],
)
def test_a_damaged_plan_is_told_and_the_other_runs_are_listed(runs: RunStore, run: Run, text: bytes) -> None:
    other = runs.create(plan("other"))
    (run.folder / "config.json").write_bytes(text)

    assert [one.id for one in runs.runs()] == [other.id]
    assert [problem.name for problem in runs.problems()] == [run.id]
    assert "begin a new one" in runs.problems()[0].sentence


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"epochs": 0}, "epochs is 0; choose 1 to 1000"),
        ({"network": "resnet"}, "no network 'resnet'; choose one of digitscope, swift, plain, large"),
        ({"learning_rate": math.nan}, "learning rate is nan"),
        ({"augmentation": {"shear": 9}}, "shear is 9; choose 0 to 1"),
        ({"teachers": "large"}, "damaged or of another version"),
        ({"teachers": [1]}, "damaged or of another version"),
        ({"start": 1}, "damaged or of another version"),
        ({"teachers": ["one", "one"]}, "teachers are one, one; name each of them once"),
        ({"teachers": ["../one"]}, "'../one' cannot name a model"),
        ({"all_writers": True, "start": "one"}, "all writers of MNIST are learned from .* not with 'mnist'"),
    ],
)
def test_a_plan_that_cannot_be_trained_is_told(run: Run, changes: dict[str, object], sentence: str) -> None:
    values = json.loads(run.plan.to_json())
    values["settings"] |= changes

    with pytest.raises(TrainingError, match=sentence):
        RunPlan.from_json(json.dumps(values))


def test_a_free_name_is_one_that_nobody_has() -> None:
    assert free_name("swift", set()) == "swift"
    assert free_name("swift", {"swift", "swift-2"}) == "swift-3"
    assert len(free_name("a" * 40, {"a" * 40})) <= 40


@pytest.mark.parametrize("limits", [{"memory_mb": 0}, {"minutes": -1}, {"minutes": math.nan}])
def test_a_limit_that_leaves_nothing_is_told(limits: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="choose more than 0"):
        Limits(**limits)


# Events


def test_what_is_told_is_read(run: Run) -> None:
    told = (Preparing(what="making pens", done=1, count=2), progress(1, 3), epoch_done(1), Note(text="ä"), Measuring())

    tell(run, *told)

    assert tuple(one.event for one in EventReader(run.folder / EVENTS_FILE).new()) == told


def test_a_reader_goes_on_where_it_was(run: Run) -> None:
    reader = EventReader(run.folder / EVENTS_FILE)
    assert reader.new() == ()
    tell(run, Note(text="one"))
    first = reader.new()
    tell(run, Note(text="two"), Note(text="three"))

    assert [told.event.text for told in (*first, *reader.new())] == ["one", "two", "three"]  # type: ignore[union-attr]
    assert reader.new() == ()


def test_half_a_line_is_passed_over_and_cut_off_by_the_next_process(run: Run) -> None:
    place = run.folder / EVENTS_FILE
    tell(run, Note(text="one"))
    with place.open("ab") as file:
        file.write(b'{"kind": "note", "at": 3, "te')
    assert len(EventReader(place).new()) == 1

    tell(run, Note(text="two"))
    assert [told.event for told in EventReader(place).new()] == [Note(text="one"), Note(text="two")]


@pytest.mark.parametrize(
    "line",
    [
        b"{}", b"7", b"\xff\xfe", b'{"kind": "party", "at": 1}', b'{"kind": "note", "at": "now", "text": "x"}',
        b'{"kind": "note", "at": 1, "text": 5}', b'{"kind": "progress", "at": 1}', b"[" * 50_000,
        b'{"kind": "measuring", "at": 1, "extra": 1}',
    ],
)  # fmt: skip
def test_a_damaged_line_is_passed_over(run: Run, line: bytes) -> None:
    tell(run, Note(text="one"))
    with (run.folder / EVENTS_FILE).open("ab") as file:
        file.write(line + b"\n")
    tell(run, Note(text="two"))

    assert len(EventReader(run.folder / EVENTS_FILE).new()) == 2


# The course


def test_what_was_lost_with_a_crash_is_taken_out_of_the_curves(run: Run) -> None:
    lost = (progress(2, 7, loss=9.0), progress(2, 9, loss=9.0), epoch_done(2, validation_loss=9.0))
    tell(run, progress(1, 10), epoch_done(1), Note(text="kept"), progress(2, 4), *lost, Note(text="lost"))

    tell(run, Begun(epoch=1, step=5), progress(2, 8))

    course = read_history(run)
    assert [point.position for point in course.points] == [1.0, 1.4, 1.8]
    assert [epoch.done.epoch for epoch in course.epochs] == [1]
    assert course.notes == ("kept",)


def test_a_run_killed_before_its_first_checkpoint_begins_its_curves_anew(run: Run) -> None:
    tell(run, Begun(epoch=0, step=0), progress(1, 3), Note(text="lost"), progress(1, 6))

    tell(run, Begun(epoch=0, step=0))
    assert (read_history(run).share_done, read_history(run).notes) == (0, ())
    tell(run, progress(1, 2))

    assert [point.position for point in read_history(run).points] == [0.2]


def test_a_table_of_the_course_has_a_row_for_every_point_and_epoch(run: Run) -> None:
    tell(run, progress(1, 5), progress(1, 10), epoch_done(1))

    lines = to_csv(read_history(run)).splitlines()

    assert lines[0].startswith("time,position,learning_rate")
    assert [line.split(",")[1] for line in lines[1:]] == ["0.5", "1.0", "1.0"]
    assert lines[3].endswith(",0.5,0.9")


def course(*losses: float, accuracy: float = 0.95) -> History:
    ends = [epoch_done(i, loss, accuracy, loss=1 / i) for i, loss in enumerate(losses, 1)]
    return History(epochs=tuple(histories.EpochPoint(0.0, end) for end in ends))


@pytest.mark.parametrize(
    ("so_far", "tendency"),
    [
        (course(), "too early"),
        (course(2.3, accuracy=0.1), "not learning"),
        (course(0.5, 0.3), "still learning"),
        (course(0.5, 0.3, 0.2), "still learning"),
        (course(0.5, 0.3, 0.2, 0.199, 0.198), "leveling off"),
        (course(0.5, 0.2, 0.25, 0.3), "overfitting"),
        (course(0.5, 0.2, 0.25), "still learning"),
    ],
)
def test_the_verdict_is_what_the_validation_digits_say(so_far: History, tendency: str) -> None:
    assert verdict(so_far).tendency == tendency


@pytest.mark.parametrize("losses", [(0.5, 0.3), (0.5, 0.3, 0.2)])
def test_of_a_training_that_has_ended_nothing_is_said_as_if_it_went_on(losses: tuple[float, ...]) -> None:
    so_far, over = (verdict(course(*losses), ended=ended) for ended in (False, True))

    assert over.tendency == so_far.tendency == "still learning"
    assert so_far.sentence.startswith("Still learning: 95.00% of validation digits are right so far")
    assert over.sentence.startswith("It was still learning when it ended: 95.00% of validation digits were right")


def test_mistakes_survive_their_file_and_a_damaged_one_is_none(runs: RunStore, run: Run) -> None:
    images = np.arange(2 * 784, dtype=np.uint8).reshape(2, 28, 28)
    told = Mistakes(
        epoch=2, images=images, labels=np.array([3, 10]), answers=np.array([5, 0]),
        confidences=np.array([0.9, 0.4]), wrong=17, count=2000,
    )  # fmt: skip
    assert read_mistakes(run) is None

    def make_it(worker: Worker) -> Made:
        worker.report(told)
        return made()

    work(runs, run, make_it)

    read = read_mistakes(run)
    assert read is not None
    assert read[:3] == (2, 17, 2000)
    assert [(one.truth, one.answer) for one in read.digits] == [(3, 5), (10, 0)]
    assert np.array_equal(read.digits[1].picture, images[1])
    (run.folder / "mistakes.npz").write_bytes(b"PK\x03\x04 and no more")
    assert read_mistakes(run) is None


# Work, and how it ends


def test_a_run_that_ends_well_has_a_model_and_says_so(runs: RunStore, run: Run) -> None:
    work(runs, run, lambda worker: made())

    stored = result.read(run)
    assert run.state().status == "finished"
    assert stored is not None
    assert stored.tflite == SEVEN
    assert stored.classifier().probabilities(np.zeros((1, 28, 28), np.uint8)).argmax() == 7


def test_a_run_that_was_stopped_keeps_its_model_and_can_go_on(runs: RunStore, run: Run) -> None:
    work(runs, run, lambda worker: made(finished=False))

    assert run.state().status == "stopped"
    assert result.exists(run)
    work(runs, run, lambda worker: made())
    assert run.state().status == "finished"


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (TrainingError("the loss is no number"), "failed", "the loss is no number"),
        (NothingLearnedError("stopped before"), "stopped", "stopped before"),
        (KeyboardInterrupt(), "interrupted", "interrupted"),
        (MemoryError(), "failed", "not enough memory"),
        (ZeroDivisionError("what"), "failed", "something unexpected ended it"),
    ],
)
def test_whatever_ends_a_run_is_told(
    runs: RunStore, run: Run, error: BaseException, status: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(worker: Worker) -> Made:
        raise error

    with pytest.raises(type(error)):
        work(runs, run, fail)

    assert run.state().status == status
    assert sentence in run.state().sentence
    assert not result.exists(run)
    assert ("Traceback" in capsys.readouterr().err) == (type(error) in (MemoryError, ZeroDivisionError))


def test_a_full_disk_is_told_even_where_nothing_can_be_written(
    runs: RunStore, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush = files.os.fsync

    def no_space(descriptor: int) -> None:
        if (run.folder / "reserve").exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        flush(descriptor)

    def make_it(worker: Worker) -> Made:
        monkeypatch.setattr(files.os, "fsync", no_space)
        worker.report(Preparing(what="anything"))
        raise AssertionError("the state could be written on a full disk")

    with pytest.raises(StorageError, match="the disk is full"):
        work(runs, run, make_it)

    assert run.state().status == "failed"
    assert "the disk is full" in run.state().sentence


@pytest.mark.parametrize(
    ("dataset", "sentence"),
    [
        ("pens", "pendigits-orig.tra.gz is not in .*; put it there"),
        ("mnist", "train-images-idx3-ubyte.gz could not be downloaded .*; connect to the internet"),
    ],
)
def test_data_that_is_missing_ends_a_run_with_its_sentence(
    runs: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dataset: str, sentence: str
) -> None:
    def offline(url: str) -> None:
        raise OSError("no route to host")

    monkeypatch.setenv("DIGITSCOPE_DATA", str(tmp_path / "nothing"))
    monkeypatch.setattr(sources, "_open", offline)
    monkeypatch.setattr(sources.time, "sleep", lambda seconds: None)
    run = runs.create(replace(plan(), dataset=dataset))

    with pytest.raises(DataError, match=sentence):
        work(runs, run, load_data)

    assert run.state().status == "failed"
    assert re.search(sentence, run.state().sentence)


def test_data_that_is_damaged_ends_a_run_with_its_sentence(
    runs: RunStore, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGITSCOPE_DATA", str(tmp_path))
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "train-images-idx3-ubyte").write_bytes(b"half of it")

    with pytest.raises(DataError):
        work(runs, run, load_data)

    assert "is not the published mnist/train-images-idx3-ubyte.gz" in run.state().sentence
    assert "delete it and fetch it again" in run.state().sentence


def load_data(worker: Worker) -> Made:
    load(worker.run.plan.dataset, scale=0.005, processes=1)
    raise AssertionError("there was data")


def test_a_download_is_told_and_can_be_stopped(runs: RunStore, run: Run, tmp_path: Path) -> None:
    def make_it(worker: Worker) -> Made:
        def told(what: str, done: int, count: int) -> None:
            if done:
                run.ask("stop")
            worker.report(Preparing(what=what, done=done, count=count))

        sources.fetch(sources.MNIST_TEST_LABELS, lambda url: BytesIO(bytes(200_000)), told)
        raise AssertionError("it went on")

    with pytest.MonkeyPatch.context() as patch, pytest.raises(NothingLearnedError):
        patch.setenv("DIGITSCOPE_DATA", str(tmp_path / "nothing"))
        work(runs, run, make_it)

    latest = read_history(run).latest
    assert latest == Preparing(what="downloading t10k-labels-idx1-ubyte.gz", done=65_536, count=0)


def test_a_wish_is_seen_and_answered(runs: RunStore, run: Run) -> None:
    seen = []

    def make_it(worker: Worker) -> Made:
        for wish in ("go", "pause", "go", "stop"):
            run.ask(wish)  # type: ignore[arg-type]
            seen.append((worker.wish(), run.state().status))
        return made(finished=False)

    work(runs, run, make_it)

    assert seen == [("go", "training"), ("pause", "paused"), ("go", "training"), ("stop", "training")]


def test_a_stop_before_training_ends_the_run_without_a_model(runs: RunStore, run: Run) -> None:
    def make_it(worker: Worker) -> Made:
        run.ask("stop")
        worker.report(Preparing(what="making pens"))
        raise AssertionError("it went on")

    with pytest.raises(NothingLearnedError):
        work(runs, run, make_it)

    assert run.state().status == "stopped"


def test_more_memory_than_allowed_ends_a_run(runs: RunStore, run: Run) -> None:
    with pytest.raises(TrainingError, match=r"uses [\d,]+ MB of memory, more than its limit of 3 MB; choose"):
        work(runs, run, lambda worker: worker.wish() and made(), limits=Limits(memory_mb=3))  # type: ignore[func-returns-value]

    assert run.state().status == "failed"


def test_a_run_whose_time_is_over_stops_and_says_why(runs: RunStore, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    wishes = []
    clock = time.monotonic

    def make_it(worker: Worker) -> Made:
        wishes.append(worker.wish())
        monkeypatch.setattr(limits.time, "monotonic", lambda: clock() + 59 * 60)
        wishes.append(worker.wish())
        monkeypatch.setattr(limits.time, "monotonic", lambda: clock() + 61 * 60)
        wishes.append(worker.wish())
        monkeypatch.setattr(limits.time, "monotonic", clock)
        return made(finished=False)

    work(runs, run, make_it, limits=Limits(minutes=60))

    assert wishes == ["go", "go", "stop"]
    assert "Its time was over (60 min)" in run.state().sentence


def test_one_process_works_on_a_run(runs: RunStore, run: Run) -> None:
    def make_it(worker: Worker) -> Made:
        with pytest.raises(TrainingError, match="another process works on the run"):
            work(runs, run, lambda worker: made())
        return made()

    work(runs, run, make_it)

    assert run.state().status == "finished"


def test_runs_train_one_after_the_other_in_the_order_of_their_start(runs: RunStore) -> None:
    several = [runs.create(plan(f"run-{number}")) for number in range(3)]
    for number, one in enumerate(several):  # ids have seconds only; give each its own
        one.folder.rename(runs.root / f"20260101-00000{number}-aaaaaa")
    several = list(reversed(runs.runs()))
    order: list[str] = []
    at_once = threading.Semaphore(1)

    def make_it(worker: Worker) -> Made:
        assert at_once.acquire(blocking=False)
        order.append(worker.run.plan.name)
        time.sleep(0.7)
        at_once.release()
        return made()

    threads = [threading.Thread(target=work, args=(runs, one, make_it)) for one in several]
    for thread in threads:
        thread.start()
        time.sleep(0.15)
    assert [one.state().status for one in several[1:]] == ["waiting", "waiting"]
    for thread in threads:
        thread.join()

    assert order == ["run-0", "run-1", "run-2"]


def test_a_run_stops_waiting_when_it_is_told_to(runs: RunStore, run: Run) -> None:
    machine = process.lock(runs.machine_lock)
    with machine:
        run.ask("stop")
        with pytest.raises(NothingLearnedError, match="before its turn"):
            work(runs, run, lambda worker: made())

    assert run.state().status == "stopped"


# State


def test_a_run_whose_process_is_gone_has_stopped(run: Run) -> None:
    state.write(run.folder, State(status="training", pid=1, pid_started=1.0))

    assert run.state() == state.LOST


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b'{"status": "party"}', b'{"status": "training", "at": "x"}'])
def test_a_damaged_state_counts_as_interrupted(run: Run, text: bytes) -> None:
    (run.folder / "state.json").write_bytes(text)

    assert run.state().status == "interrupted"


def test_a_process_has_time_to_start_but_not_for_ever(run: Run) -> None:
    state.write(run.folder, State(status="starting"))
    assert run.state().status == "starting"

    state.write(run.folder, State(status="starting", at=time.time() - 60))
    assert run.state().status == "interrupted"
    state.write(run.folder, State(status="starting", at=time.time() + 3600))  # the clock was set back
    assert run.state().status == "interrupted"


def test_a_run_at_work_is_not_started_twice(runs: RunStore, run: Run) -> None:
    state.write(run.folder, State(status="starting"))

    with pytest.raises(SettingsError, match="at work already"):
        runs.launch(run)


def no_process(*_: object) -> None:
    raise OSError(errno.EAGAIN, "Resource temporarily unavailable")


def test_a_process_that_cannot_be_started_is_told_at_once(
    runs: RunStore, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "launch", no_process)

    with pytest.raises(TrainingError, match=r"no process could be started .*; free some memory or disk"):
        runs.launch(run)
    assert run.state().status == "failed"
    with pytest.raises(TrainingError, match="no process could be started"):
        runs.start(plan("another"))
    assert runs.ids() == (run.id,)


def test_what_a_killed_process_left_half_written_is_cleared_away(runs: RunStore, run: Run) -> None:
    left = files.partial_name(run.checkpoint)
    left.write_bytes(b"half a checkpoint")
    os.utime(left, (0, 0))

    work(runs, run, lambda worker: made())

    assert not left.exists()


def test_a_discarded_run_leaves_nothing(runs: RunStore, run: Run) -> None:
    work(runs, run, lambda worker: made())

    runs.discard(run.id)

    assert runs.ids() == ()
    assert [path.name for path in runs.root.iterdir()] == ["machine.lock"]
    with pytest.raises(TrainingError, match="discarded already"):
        runs.discard(run.id)


@pytest.mark.parametrize("wish", ["go", "pause", "stop"])
def test_nothing_can_be_wished_of_a_discarded_run(runs: RunStore, run: Run, wish: Wish) -> None:
    runs.discard(run.id)

    with pytest.raises(TrainingError, match="this run was discarded; choose another one"):
        run.ask(wish)
    assert not run.folder.exists()


def test_a_discarded_run_is_not_launched(runs: RunStore, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    launched: list[object] = []
    monkeypatch.setattr(process, "launch", lambda *words: launched.append(words))
    runs.discard(run.id)

    with pytest.raises(TrainingError, match="this run was discarded"):
        runs.launch(run)
    assert launched == []
    assert not run.folder.exists()


def test_a_run_with_damaged_settings_can_be_discarded(runs: RunStore, run: Run) -> None:
    (run.folder / "config.json").write_text("{")

    runs.discard(run.id)

    assert runs.ids() == ()
    assert runs.problems() == ()


def test_the_process_of_a_run_finds_the_folders_that_relative_paths_name_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, str] = {}
    monkeypatch.setattr(process, "launch", lambda words, log, variables: given.update(variables))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIGITSCOPE_MODELS", "my models")
    monkeypatch.setenv("DIGITSCOPE_DATA", "../data")

    RunStore(Path("runs")).start(plan())

    assert given == {
        "DIGITSCOPE_RUNS": str(tmp_path / "runs"),
        "DIGITSCOPE_MODELS": str(tmp_path / "my models"),
        "DIGITSCOPE_DATA": str(tmp_path.parent / "data"),
    }


def test_folders_that_nobody_named_are_not_named_to_the_process_either(
    runs: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, str] = {}
    monkeypatch.setattr(process, "launch", lambda words, log, variables: given.update(variables))
    for name in ("DIGITSCOPE_MODELS", "DIGITSCOPE_DATA"):
        monkeypatch.delenv(name, raising=False)

    runs.start(plan())

    assert given == {"DIGITSCOPE_RUNS": str(runs.root)}


def test_the_last_words_of_a_process_are_the_end_of_its_log(run: Run) -> None:
    assert run.last_words() == ""
    lines = [f"line {number} of what TensorFlow says" for number in range(1_000)]

    run.log.write_bytes("\n".join(lines).encode() + b"\n\xff\n\n")

    assert run.last_words().splitlines() == [*lines[-19:], "\N{REPLACEMENT CHARACTER}"]


@pytest.mark.parametrize("run_id", ["", "..", "../models", "20260101-000000-zzzzzz", "x" * 300])
def test_what_is_no_run_is_never_touched(runs: RunStore, run: Run, run_id: str) -> None:
    for act in (runs.run, runs.discard):
        with pytest.raises(TrainingError, match="there is no run"):
            act(run_id)


# Results


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    store = ModelStore(tmp_path / "models")
    store.publish("digitscope", SEVEN, None, card_of(SEVEN, "digitscope"))
    return store


@pytest.fixture
def finished(runs: RunStore, run: Run) -> Run:
    work(runs, run, lambda worker: made(tflite=tiny_tflite(bias=12 * np.eye(11, dtype=np.float32)[3])))
    return run


def test_a_model_is_published_used_and_taken_back(finished: Run, store: ModelStore) -> None:
    result.publish(finished, store, "threes")
    assert store.current() == "threes"
    assert store.load("threes").probabilities(np.zeros((1, 28, 28), np.uint8)).argmax() == 3
    assert store.keras_file("threes") is not None

    assert result.take_back(finished, store) == "digitscope"
    assert store.current() == "digitscope"
    assert store.names() == ("digitscope",)
    assert result.published(finished) is None
    with pytest.raises(TrainingError, match="taken back already"):
        result.take_back(finished, store)


def test_taking_back_leaves_another_choice_alone(finished: Run, store: ModelStore) -> None:
    other = card_of(SEVEN, "other")
    store.publish("other", SEVEN, None, other)
    result.publish(finished, store, "threes")
    store.choose("other")

    result.take_back(finished, store)

    assert store.current() == "other"


def test_when_the_model_before_is_gone_the_shipped_one_comes_back(finished: Run, store: ModelStore) -> None:
    store.publish("other", SEVEN, None, card_of(SEVEN, "other"))
    store.choose("other")
    result.publish(finished, store, "threes")
    store.delete("other")

    assert result.take_back(finished, store) == "digitscope"
    assert store.names() == ("digitscope",)


def test_a_model_that_was_stored_before_stays_when_it_is_taken_back(finished: Run, store: ModelStore) -> None:
    made_there = result.read(finished)
    assert made_there is not None
    store.publish("threes", made_there.tflite, made_there.keras, replace(made_there.card, name="threes"))
    store.choose("threes")
    result.publish(finished, store, "threes")

    assert result.take_back(finished, store) == "digitscope"
    assert store.names() == ("digitscope", "threes")


def test_taking_back_spares_a_model_that_took_the_name(finished: Run, store: ModelStore) -> None:
    result.publish(finished, store, "threes")
    store.choose("digitscope")
    store.delete("threes")
    store.publish("threes", FIVE, None, card_of(FIVE, "threes"))
    store.choose("threes")

    assert result.still_published(finished, store) is None
    with pytest.raises(TrainingError, match="was not published"):
        result.take_back(finished, store)
    assert store.current() == "threes"
    assert store.load("threes").card.tflite_sha256 == card_of(FIVE).tflite_sha256


def test_a_run_that_trained_on_replaces_what_it_was_and_is_taken_back_as_a_whole(
    runs: RunStore, finished: Run, store: ModelStore
) -> None:
    store.publish("before", SEVEN, None, card_of(SEVEN, "before"))
    store.choose("before")
    result.publish(finished, store, "threes")
    work(runs, finished, lambda worker: made(tflite=FIVE))
    assert result.still_published(finished, store) is not None  # what it was before it trained on

    result.publish(finished, store, "threes")

    assert store.load("threes").card.tflite_sha256 == card_of(FIVE).tflite_sha256
    assert store.current() == "threes"
    assert result.take_back(finished, store) == "before"
    assert store.names() == ("digitscope", "before")


def test_publishing_again_after_another_choice_goes_back_to_that(finished: Run, store: ModelStore) -> None:
    store.publish("other", SEVEN, None, card_of(SEVEN, "other"))
    result.publish(finished, store, "threes")
    store.choose("other")

    result.publish(finished, store, "threes")

    assert result.take_back(finished, store) == "other"


def test_a_second_click_publishes_once(finished: Run, store: ModelStore) -> None:
    assert result.publish(finished, store, "threes") == result.publish(finished, store, "threes")

    assert result.take_back(finished, store) == "digitscope"
    assert store.names() == ("digitscope",)


def test_a_note_of_publishing_from_before_it_told_the_model_is_passed_over(finished: Run, store: ModelStore) -> None:
    result.publish(finished, store, "threes")
    (finished.folder / "published.json").write_text('{"name": "threes", "before": "digitscope"}')

    assert result.still_published(finished, store) is None
    result.publish(finished, store, "threes")  # the very model is there already
    assert store.current() == "threes"


def test_the_model_of_a_discarded_run_is_not_published(runs: RunStore, finished: Run, store: ModelStore) -> None:
    runs.discard(finished.id)

    with pytest.raises(TrainingError, match="this run was discarded"):
        result.publish(finished, store, "threes")
    assert store.names() == ("digitscope",)
    assert not finished.folder.exists()


def test_another_model_is_never_replaced(finished: Run, store: ModelStore) -> None:
    with pytest.raises(ModelError, match="there is another model 'digitscope' already; choose another name"):
        result.publish(finished, store, "digitscope")
    with pytest.raises(ModelError, match="cannot name a model"):
        result.publish(finished, store, "../digitscope")


def test_a_damaged_result_is_told(finished: Run, store: ModelStore) -> None:
    (finished.folder / "result" / "model.tflite").write_bytes(b"TFL3")

    with pytest.raises(ModelError, match="not the one its card describes"):
        result.publish(finished, store, "threes")
    assert store.names() == ("digitscope",)


# Beside each other


def test_settings_that_differ_are_marked() -> None:
    first, second = plan(), replace(plan(epochs=9), share=0.5)

    differing = {one.name: one.values for one in settings_side_by_side([first, second]) if one.differs}

    assert differing == {"epochs": (6, 9), "share of drawn pictures": (1.0, 0.5)}


@pytest.mark.parametrize(
    ("ours", "theirs", "p"), [(0, 0, 1.0), (5, 5, 1.0), (0, 1, 1.0), (10, 2, 0.03857), (0, 10, 0.00195)]
)
def test_mcnemar_is_the_exact_binomial_test(ours: int, theirs: int, p: float) -> None:
    assert McNemar(ours, theirs).p == pytest.approx(p, abs=1e-5)
    assert McNemar(theirs, ours).p == McNemar(ours, theirs).p


def test_models_are_compared_on_the_same_digits() -> None:
    from core.classifier import Classifier

    digits = make("synthetic", "test", 60)
    threes = tiny_tflite(bias=12 * np.eye(11, dtype=np.float32)[3])
    own, other = (examine(Classifier(tflite, card_of(tflite)), digits) for tflite in (SEVEN, threes))

    test = own.beside(other)

    assert own.accuracy.hits == (digits.labels == 7).sum() == test.ours
    assert test.theirs == (digits.labels == 3).sum()


# Estimates


def test_an_estimate_learns_from_the_runs_before(tmp_path: Path) -> None:
    guess = estimate(plan(), tmp_path)
    remember_speed(tmp_path, plan().settings, 100.0)

    known = estimate(plan(), tmp_path)

    assert not guess.measured
    assert known.measured
    assert known.seconds > 6 * 54_000 / 100
    (tmp_path / "speeds.json").write_bytes(b'{"swift": "fast"}')
    assert not estimate(plan(), tmp_path).measured


def test_the_estimate_of_the_best_preset_is_what_its_training_took(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.runs.estimate._slower", lambda: 1.0)  # two cores, as it had
    minutes = 23.8  # from its start to its model: docs/LOG.md, Muon
    best = presets()[-1]
    settings = replace(best.settings, half_precision=True)

    told = estimate(RunPlan(name="x", dataset=best.dataset, share=best.share, settings=settings), tmp_path)

    # Where some data sets are missing there is less to train on.
    assert 0.8 < told.seconds / (60 * minutes) < 1.25


def test_presets_take_ever_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.runs.estimate._slower", lambda: 1.0)
    seconds = [
        estimate(RunPlan(name="x", dataset=one.dataset, share=one.share, settings=one.settings), tmp_path).seconds
        for one in presets()
    ]

    assert seconds == sorted(seconds)
    assert seconds[0] < 90
