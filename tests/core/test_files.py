"""Files are whole or not there."""

import errno
import os
import time
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from core import files
from core.errors import StorageError


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    files.write_bytes(tmp_path / "model", b"\x00weights\n")
    files.write_text(tmp_path / "card", "größer\r\n")

    assert (tmp_path / "model").read_bytes() == b"\x00weights\n"
    assert (tmp_path / "card").read_bytes() == "größer\r\n".encode()


def test_missing_folders_are_made(tmp_path: Path) -> None:
    files.write_text(tmp_path / "a" / "b" / "c.txt", "here")

    assert (tmp_path / "a" / "b" / "c.txt").read_text() == "here"


def test_a_writer_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "card"
    files.write_text(path, "old")

    with pytest.raises(RuntimeError, match="halfway"), files.writing(path) as file:
        file.write(b"ne")
        raise RuntimeError("halfway")

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_old_file_stays_until_the_new_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "card"
    files.write_text(path, "old")

    with files.writing(path) as file:
        file.write(b"new")
        file.flush()
        seen_while_writing = path.read_text()

    assert seen_while_writing == "old"
    assert path.read_text() == "new"


def test_a_full_disk_gives_one_sentence_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", no_space)

    with pytest.raises(StorageError, match="the disk is full, 'card' was not saved; free some space"):
        files.write_text(tmp_path / "card", "new")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full, the device that is always full")
def test_a_disk_that_fills_up_while_writing_gives_the_same_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_open = Path.open

    def open_full(path: Path, *arguments: Any, **options: Any) -> Any:
        real_open(path, "xb").close()
        return real_open(Path("/dev/full"), "wb")

    monkeypatch.setattr(Path, "open", open_full)

    with pytest.raises(StorageError, match="the disk is full"):
        files.write_bytes(tmp_path / "model", b"x" * 100_000)
    assert list(tmp_path.iterdir()) == []


def test_a_closed_folder_gives_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(path: Path, *arguments: Any, **options: Any) -> BinaryIO:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", closed)

    with pytest.raises(StorageError, match="cannot be written, 'card' was not saved; choose another folder"):
        files.write_text(tmp_path / "card", "new")


def test_a_file_where_a_folder_should_be_gives_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file")

    with pytest.raises(StorageError, match="'card' was not saved"):
        files.write_text(tmp_path / "runs" / "card", "new")


def test_a_folder_of_that_name_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "card" / "inside").mkdir(parents=True)

    with pytest.raises(StorageError, match="'card' was not saved"):
        files.write_text(tmp_path / "card", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["card"]


def test_only_what_crashed_long_ago_is_swept(tmp_path: Path) -> None:
    abandoned, fresh, ours = (tmp_path / name for name in (".1.partial", ".2.partial", "card"))
    for path in (abandoned, fresh, ours):
        path.write_text("")
    two_days_ago = time.time() - 2 * 24 * 3600
    for path in (abandoned, ours):
        os.utime(path, (two_days_ago, two_days_ago))

    files.remove_abandoned(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == [".2.partial", "card"]


def test_removing_a_link_spares_what_it_points_to(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)

    files.remove(tmp_path / "link")

    assert [path.name for path in tmp_path.iterdir()] == ["real"]
