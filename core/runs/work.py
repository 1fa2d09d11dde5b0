"""What the process of a run does: wait for its turn, train, keep what it learned, and say how it stands throughout."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from filelock import Timeout

from core import files
from core.errors import DigitscopeError, NothingLearnedError, TrainingError
from core.runs import estimate, process, result, state
from core.runs.events import EVENTS_FILE, EventWriter
from core.runs.history import MISTAKES_FILE
from core.runs.limits import Watch
from core.runs.plan import Limits
from core.runs.result import Result
from core.runs.state import State, Status
from core.runs.store import Run, RunStore
from core.training_plan import EpochDone, Event, Measuring, Mistakes, Preparing, Progress, Wish

RESERVE_FILE = "reserve"
RESERVE_BYTES = 1 << 18
"""Given back when the disk is full, so that this can still be told."""
LOCK_S = 5.0
"""Someone who looks whether the process lives holds its lock for an instant."""
TURN_S = 0.3
TELL_EVERY_S = 0.5


@dataclass(frozen=True, eq=False)
class Made:
    """What a training made. finished: False where it was stopped early."""

    result: Result
    finished: bool


def work(
    store: RunStore,
    run: Run,
    make: Callable[[Worker], Made],
    *,
    limits: Limits = Limits(),
    show: Callable[[Event], None] = lambda _: None,
) -> Result:
    """Do all of a run, in this process; how it ends, its state tells.

    make: trains, with the worker's `report` and `wish`.

    Raises:
        TrainingError: another process is at it already.
        DigitscopeError: whatever else ended it early.
    """
    try:
        held = process.lock(run.process_lock).acquire(timeout=LOCK_S, poll_interval=0.05)
    except Timeout as error:
        raise TrainingError(
            f"another process works on the run {run.id} already; follow it on the Train page"
        ) from error
    except OSError as error:
        raise files.storage_error(run.process_lock, error) from error
    with held, Worker(run, limits, show) as worker:
        with worker.turn(store):
            made = make(worker)
        result.write(run, made.result)
        if made.finished:
            worker.enter("finished", "It has trained to the end.")
        else:
            worker.enter("stopped", worker.why_stopped)
        return made.result


class Worker:
    """Writes what a run tells and how it stands, and reads what is wished of it; as a context, tells how it ended."""

    def __init__(self, run: Run, limits: Limits, show: Callable[[Event], None]) -> None:
        self.run, self.show, self.watch = run, show, Watch(limits)
        self.why_stopped = "It was stopped; what it had learned until then is kept, and it can train on."
        self.status: Status | None = None
        self.identity = process.identity()
        self._told_at = 0.0
        self._last: Event | None = None

    def __enter__(self) -> Worker:
        self.events = EventWriter(self.run.folder / EVENTS_FILE)
        files.remove_abandoned(self.run.folder)
        with suppress(OSError):
            (self.run.folder / RESERVE_FILE).write_bytes(bytes(RESERVE_BYTES))
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        with suppress(OSError):
            (self.run.folder / RESERVE_FILE).unlink(missing_ok=True)
        self.events.close()
        if error is None:
            return
        if not isinstance(error, DigitscopeError | KeyboardInterrupt):
            traceback.print_exception(error)
        self.enter(*_how_it_ended(error))

    def enter(self, status: Status, sentence: str = "") -> None:
        """Say how the run stands now."""
        if status != self.status:
            pid, started = self.identity
            state.write(self.run.folder, State(status=status, sentence=sentence, pid=pid, pid_started=started))
            self.status = status

    @contextmanager
    def turn(self, store: RunStore) -> Iterator[None]:
        """Wait until no other run trains and none waits longer; nobody else trains inside."""
        machine = process.lock(store.machine_lock)
        while self._is_behind(store) or not process.acquired(machine):
            self.enter("waiting", "Another run trains; this one begins by itself when that one ends.")
            if self.run.wish() == "stop":
                raise NothingLearnedError("It was stopped before its turn had come.")
            time.sleep(TURN_S)
        try:
            yield
        finally:
            machine.release()

    def wish(self) -> Wish:
        """What is wished of the training; asked before every batch."""
        self.watch.check_memory()
        wish = self.run.wish()
        if wish == "pause":
            self.watch.rest()
            self.enter("paused", "It is paused, and keeps its place and its memory.")
        elif wish == "go":
            self.watch.go()
            self.enter("training")
            if self.watch.time_is_over:
                minutes = self.watch.limits.minutes
                self.why_stopped = f"Its time was over ({minutes:g} min); what it had learned until then is kept."
                return "stop"
        return wish

    def report(self, event: Event) -> None:
        """Write down what the training tells.

        Raises:
            NothingLearnedError: it is to stop, and has not begun. TrainingError: it uses too much memory.
            StorageError: nothing can be written.
        """
        self.watch.check_memory()
        if isinstance(event, Mistakes):
            self._keep_mistakes(event)
        elif not isinstance(event, Preparing) or self._is_worth_telling(event):
            self.events.write(event)
        if isinstance(event, Preparing):
            self._obey_before_training()
        elif isinstance(event, Measuring):
            self.enter("measuring")
        elif isinstance(event, EpochDone) and isinstance(self._last, Progress):
            estimate.remember_speed(self.run.folder.parent, self.run.plan.settings, self._last.digits_per_second)
        self._last = event
        self.show(event)

    def _is_behind(self, store: RunStore) -> bool:
        """Whether a run that was started earlier still waits for its turn."""
        earlier = (other for other in store.runs() if other.id < self.run.id)
        return any(other.state().status == "waiting" for other in earlier)

    def _is_worth_telling(self, event: Preparing) -> bool:
        now = time.monotonic()
        if 0 < event.done < event.count and now - self._told_at < TELL_EVERY_S:
            return False
        self._told_at = now
        return True

    def _obey_before_training(self) -> None:
        while (wish := self.run.wish()) == "pause":
            self.enter("paused", "It is paused before it has begun to train.")
            time.sleep(TURN_S)
        if wish == "stop":
            raise NothingLearnedError("It was stopped before it had begun to train.")
        self.enter("preparing")

    def _keep_mistakes(self, told: Mistakes) -> None:
        buffer = BytesIO()
        np.savez(
            buffer,
            images=told.images,
            labels=told.labels,
            answers=told.answers,
            confidences=told.confidences,
            counts=np.array([told.epoch, told.wrong, told.count]),
        )
        files.write_bytes(self.run.folder / MISTAKES_FILE, buffer.getvalue())


def _how_it_ended(error: BaseException) -> tuple[Status, str]:
    match error:
        case NothingLearnedError():
            return "stopped", str(error)
        case DigitscopeError():
            return "failed", str(error)
        case KeyboardInterrupt():
            return "interrupted", "It was interrupted; what is kept can be trained on."
        case MemoryError():
            return "failed", "there was not enough memory; choose smaller batches or less data"
        case _:
            return "failed", f"something unexpected ended it ({type(error).__name__}); its log tells more"
