"""The process of a run: started, found alive, ended, and kept from crowding out what else runs on the machine."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from core import files

_LOW_PRIORITY: int = getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", 10)  # Windows has classes, others a niceness
"""Pages of the app then get nine tenths of a core that both want."""


def lock(path: Path) -> FileLock:
    """A lock that its holder cannot keep beyond its death, since the system lets go of it."""
    return FileLock(path, thread_local=False, fallback_to_soft=False, preserve_lock_file=True)


def acquired(held: FileLock) -> bool:
    """Take a lock that nobody holds.

    Raises:
        StorageError: it cannot be written.
    """
    try:
        held.acquire(blocking=False)
    except Timeout:
        return False
    except OSError as error:
        raise files.storage_error(Path(held.lock_file), error) from error
    return True


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock at `path`."""
    if not path.exists():
        return False
    probe = lock(path)
    try:
        probe.acquire(blocking=False)
    except Timeout:
        return True
    except OSError:
        return False  # the folder is gone meanwhile, or not ours
    probe.release()
    return False


def launch(words: Sequence[str], log: Path, variables: Mapping[str, str]) -> None:
    """Start `python -m core WORDS` as a process that outlives this one; what it says besides goes to `log`."""
    detached = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
    with log.open("ab") as file:
        process = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-m", "core", *words],
            cwd=files.REPOSITORY,
            env=os.environ | dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
            creationflags=detached,
        )
    with suppress(psutil.Error, OSError):
        psutil.Process(process.pid).nice(_LOW_PRIORITY)
    # Somebody must take note of its end, or the system keeps it as a zombie.
    threading.Thread(target=process.wait, daemon=True).start()


def identity() -> tuple[int, float]:
    """Number and time of birth of this process; both together are never given twice."""
    own = psutil.Process()
    return own.pid, own.create_time()


def end(pid: int, started: float) -> None:
    """End a process and its children at once; nothing where it is gone, or its number belongs to another."""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        if abs(process.create_time() - started) < 1.0:
            for child in (*process.children(recursive=True), process):
                with suppress(psutil.Error):
                    child.kill()
            psutil.wait_procs([process], timeout=5)


def memory_mb() -> float:
    """What this process and its children hold."""
    own = psutil.Process()
    total = 0
    for process in (own, *own.children(recursive=True)):
        with suppress(psutil.Error):
            total += process.memory_info().rss
    return total / 2**20
