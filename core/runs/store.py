"""All runs: a folder each, whole or not listed; what is wished of them; their processes.

    <root>/machine.lock               held by the one run that trains
    <root>/<id>/config.json           `RunPlan`
                state.json            `State`, written by the run's process
                wish                  "go", "pause" or "stop": what somebody wants of it
                events.jsonl          what it told
                checkpoint.npz        how far it came
                mistakes.npz          validation digits it gets wrong
                result/               the model, where there is one
                process.lock          held by the run's process for as long as it lives
                process.log           what it said besides

A page and a process share nothing but these files, so either may end and come back.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from core import files
from core.datasets.sources import DATA_VARIABLE
from core.errors import DigitscopeError, SettingsError, TrainingError
from core.models import ROOT_VARIABLE as MODELS_VARIABLE
from core.models import Problem
from core.runs import process, state
from core.runs.plan import BYTES_LIMIT, Limits, RunPlan
from core.runs.state import State
from core.training_plan import Wish

ROOT_VARIABLE = "DIGITSCOPE_RUNS"
CONFIG_FILE = "config.json"
WISH_FILE = "wish"
MACHINE_LOCK = "machine.lock"
WAITING_LIMIT = 5
LAST_BYTES, LAST_LINES = 8_192, 20
_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}")


def default_root() -> Path:
    """The folder DIGITSCOPE_RUNS names, else `runs` in the repository."""
    named = os.environ.get(ROOT_VARIABLE)
    return Path(named).expanduser() if named else files.REPOSITORY / "runs"


class Run(NamedTuple):
    """One run: its folder and its plan, which never change. All else is asked for."""

    folder: Path
    plan: RunPlan

    @property
    def id(self) -> str:
        """Its name among runs; later ones sort later."""
        return self.folder.name

    @property
    def log(self) -> Path:
        """What its process said besides; none where it was begun by hand."""
        return self.folder / "process.log"

    def last_words(self) -> str:
        """The end of its log, at most 20 lines; "" where there is none."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - LAST_BYTES))
                said = file.read(LAST_BYTES).decode("utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(said.strip().splitlines()[-LAST_LINES:])

    def check_exists(self) -> None:
        """Its folder is still a run's.

        Raises:
            TrainingError: it was discarded.
        """
        if not (self.folder / CONFIG_FILE).is_file():
            raise TrainingError("this run was discarded; choose another one, or begin anew")

    @property
    def checkpoint(self) -> Path:
        """Where its process keeps how far it came."""
        return self.folder / "checkpoint.npz"

    @property
    def process_lock(self) -> Path:
        """Held by its process for as long as it lives."""
        return self.folder / "process.lock"

    def state(self) -> State:
        """How it stands; a run whose process is gone has stopped, whatever was written last."""
        stored = state.read(self.folder)
        if stored.has_ended or state.is_starting(stored) or process.is_held(self.process_lock):
            return stored
        stored = state.read(self.folder)  # it may have ended in between
        return stored if stored.has_ended or state.is_starting(stored) else state.LOST

    def wish(self) -> Wish:
        """What somebody wants of it."""
        try:
            wish = (self.folder / WISH_FILE).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return "go"
        return wish if wish in ("pause", "stop") else "go"  # type: ignore[return-value]  # narrowed by value

    def ask(self, wish: Wish) -> None:
        """Want something of it; its process sees that before its next batch.

        Raises:
            TrainingError: the run was discarded. StorageError: the wish cannot be written.
        """
        self.check_exists()
        files.write_text(self.folder / WISH_FILE, wish)


class RunStore:
    """The runs in `root`."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = default_root() if root is None else root

    @property
    def machine_lock(self) -> Path:
        """Held by the one run that trains."""
        return self.root / MACHINE_LOCK

    def ids(self) -> tuple[str, ...]:
        """What stands where a run would, the latest first."""
        try:
            return tuple(sorted((p.name for p in self.root.iterdir() if _ID.fullmatch(p.name)), reverse=True))
        except OSError:
            return ()

    def run(self, run_id: str) -> Run:
        """A run by its id.

        Raises:
            TrainingError: there is none, or its plan is damaged.
        """
        folder = self.root / run_id
        if not _ID.fullmatch(run_id) or not folder.is_dir():
            raise TrainingError(f"there is no run {run_id[:60]!r} in {self.root}; choose one of those that are listed")
        try:
            with (folder / CONFIG_FILE).open("rb") as file:
                return Run(folder, RunPlan.from_json(file.read(BYTES_LIMIT)))
        except OSError as error:
            raise TrainingError(f"the run's settings cannot be read ({error.strerror}); discard it") from error

    def runs(self) -> tuple[Run, ...]:
        """All that can be read, the latest first."""
        found = []
        for run_id in self.ids():
            with suppress(TrainingError):
                found.append(self.run(run_id))
        return tuple(found)

    def problems(self) -> tuple[Problem, ...]:
        """Runs that cannot be read, with the reason."""
        found = []
        for run_id in self.ids():
            try:
                self.run(run_id)
            except TrainingError as error:
                found.append(Problem(run_id, str(error)))
        return tuple(found)

    def create(self, plan: RunPlan) -> Run:
        """A new run that no process works on yet.

        Raises:
            StorageError: its folder cannot be written.
        """
        folder = self.root / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        partial = files.partial_name(folder)
        try:
            partial.mkdir(parents=True)
            files.remove_abandoned(self.root)
            files.write_text(partial / CONFIG_FILE, plan.to_json())
            state.write(partial, State(status="interrupted", sentence="It was never started."))
            partial.rename(folder)
            files.sync_folder(self.root)
        except OSError as error:
            raise files.storage_error(folder, error) from error
        finally:
            with suppress(OSError):
                files.remove(partial)
        return Run(folder, plan)

    def start(self, plan: RunPlan, limits: Limits = Limits()) -> Run:
        """Make a run and start its process; where that cannot be, nothing is left of it.

        Raises:
            SettingsError: too many wait. TrainingError, StorageError: no process or folder can be made.
        """
        run = self.create(plan)
        try:
            self.launch(run, limits)
        except DigitscopeError:
            self.discard(run.id)
            raise
        return run

    def launch(self, run: Run, limits: Limits = Limits()) -> None:
        """Start, or start again, the process of a run; it trains as soon as no other one does.

        Raises:
            SettingsError: it is at work already, or too many wait. TrainingError: it was discarded, or no process could
            be started.
            StorageError: its folder cannot be written.
        """
        if not run.state().has_ended:
            raise SettingsError("this run is at work already; look at it below")
        waiting = sum(other.state().status in ("starting", "waiting") for other in self.runs())
        if waiting >= WAITING_LIMIT:
            raise SettingsError(f"{waiting} runs wait already; let some of them end, or stop them")
        words = ["train", "--run", run.id]
        if limits.memory_mb is not None:
            words += ["--memory-limit", f"{limits.memory_mb:g}"]
        if limits.minutes is not None:
            words += ["--time-limit", f"{limits.minutes:g}"]
        run.ask("go")
        state.write(run.folder, State(status="starting", sentence="Its process is starting."))
        # The process runs in the repository, where paths that are relative to here would name other folders.
        folders = {ROOT_VARIABLE: self.root.resolve()} | {
            name: Path(named).expanduser().resolve()
            for name in (MODELS_VARIABLE, DATA_VARIABLE)
            if (named := os.environ.get(name))
        }
        try:
            process.launch(words, run.log, {name: str(folder) for name, folder in folders.items()})
        except OSError as error:
            told = TrainingError(f"no process could be started ({error.strerror}); free some memory or disk")
            state.write(run.folder, State(status="failed", sentence=str(told)))
            raise told from error

    def at_work(self) -> tuple[Run, ...]:
        """Runs that have not ended, the latest first."""
        return tuple(run for run in self.runs() if not run.state().has_ended)

    def discard(self, run_id: str) -> None:
        """Delete a run and all that it made; its process is ended. A model it has published stays.

        Raises:
            TrainingError: there is no such run. StorageError: it cannot be deleted.
        """
        if run_id not in self.ids():
            raise TrainingError(f"there is no run {run_id[:60]!r}; it may have been discarded already")
        folder = self.root / run_id
        stored = state.read(folder)
        deadline = time.monotonic() + state.START_LIMIT_S
        if state.is_starting(stored):  # it has no number yet by which to end it
            files.write_text(folder / WISH_FILE, "stop")
            while state.is_starting(stored) and time.monotonic() < deadline:
                time.sleep(0.1)
                stored = state.read(folder)
        if process.is_held(folder / "process.lock"):
            process.end(stored.pid, stored.pid_started)
        partial = files.partial_name(folder)
        try:
            folder.rename(partial)  # gone at once, even where deleting its files takes time or fails
        except OSError as error:
            raise files.deletion_error(folder, error) from error
        with suppress(OSError):
            files.remove(partial)
