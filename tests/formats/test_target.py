"""Where an export goes: whole or not at all."""

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from crm_cli.errors import Conflict, CrmError, FileError
from crm_cli.formats import target
from crm_cli.formats.target import open_binary_target, open_target


def written(path: str | Path, text: str = "new\n", *, force: bool = False) -> None:
    with open_target(path, force=force) as stream:
        stream.write(text)


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_a_file_is_made_private_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with open_target(path, force=False) as stream:
        stream.write("a\r\nb\n客户\n")
        assert not path.exists() and len(names(tmp_path)) == 1
        part = tmp_path / names(tmp_path)[0]
        assert part.name.endswith(".part") and stat.S_IMODE(part.stat().st_mode) == 0o600
    assert path.read_bytes() == "a\r\nb\n客户\n".encode()
    assert names(tmp_path) == ["out.csv"] and stat.S_IMODE(path.stat().st_mode) == 0o600


def test_bytes(tmp_path: Path) -> None:
    with open_binary_target(tmp_path / "x.bin", force=False) as stream:
        stream.write(b"\0\xff")
    assert (tmp_path / "x.bin").read_bytes() == b"\0\xff"


def test_a_name_without_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written("here.csv")
    written("here.csv", "again", force=True)
    assert (tmp_path / "here.csv").read_text() == "again" and names(tmp_path) == ["here.csv"]


def test_a_stream_closed_by_the_block_is_fine(tmp_path: Path) -> None:
    with open_target(tmp_path / "x", force=False) as stream:
        stream.write("kept")
        stream.close()
    assert (tmp_path / "x").read_text() == "kept"


def test_what_is_there_is_not_replaced_without_force(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")
    with pytest.raises(Conflict) as caught:
        written(path)
    assert "already there" in caught.value.message() and "--force" in caught.value.advice()
    assert (path.read_text(), names(tmp_path)) == ("old", ["out.csv"])
    written(path, force=True)
    assert (path.read_text(), names(tmp_path)) == ("new\n", ["out.csv"])


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_comes_into_being_meanwhile_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(errno.EPERM, "no links here")))
    path = tmp_path / "out.csv"
    with pytest.raises(Conflict), open_target(path, force=False) as stream:
        stream.write("mine")
        path.write_text("theirs")
    assert (path.read_text(), names(tmp_path)) == ("theirs", ["out.csv"])
    path.unlink()
    written(path)
    assert names(tmp_path) == ["out.csv"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, FileError("x")])
def test_a_block_that_fails_leaves_nothing(tmp_path: Path, error: BaseException | type[BaseException]) -> None:
    (tmp_path / "out.csv").write_text("old")
    kind = error if isinstance(error, type) else type(error)
    with pytest.raises(kind), open_target(tmp_path / "out.csv", force=True) as stream:
        stream.write("half")
        raise error
    assert (names(tmp_path), (tmp_path / "out.csv").read_text()) == (["out.csv"], "old")


def test_another_file_that_is_missing_is_not_blamed_on_the_target(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), open_target(tmp_path / "out", force=False):
        (tmp_path / "other").read_text()
    assert names(tmp_path) == []


def test_folders(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path, words in [
        (tmp_path, "is a folder"),
        (tmp_path / "none" / "out", "no folder"),
        (tmp_path / "file" / "out", "no folder"),
    ]:
        for force in (False, True):
            with pytest.raises(FileError) as caught:
                written(path, force=force)
            assert words in caught.value.message()
    with pytest.raises(FileError):
        written("a\0b")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_somebody_else(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(FileError) as caught:
            written(tmp_path / "out")
    finally:
        tmp_path.chmod(0o700)
    assert "may not be written" in caught.value.message()


def test_a_link_is_followed_only_with_force(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "real" / "file")
    (tmp_path / "dangling").symlink_to(tmp_path / "real" / "later")
    for name in ("link", "dangling"):
        with pytest.raises(Conflict):
            written(tmp_path / name)
        written(tmp_path / name, force=True)
        assert (tmp_path / name).is_symlink() and (tmp_path / name).read_text() == "new\n"
    assert names(tmp_path / "real") == ["file", "later"]


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "The disk is full"), (errno.EDQUOT, "The disk is full"), (errno.EIO, "The disk failed")],
)
@pytest.mark.parametrize("call", ["fsync", "write"])
def test_bad_disks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str, call: str) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    (tmp_path / "out").write_text("old")
    with pytest.raises(FileError) as caught:
        if call == "fsync":
            monkeypatch.setattr(os, "fsync", fail)
            written(tmp_path / "out", force=True)
        else:
            with open_target(tmp_path / "out", force=True):
                fail()
    assert words in caught.value.message() and "nothing of" in caught.value.message() and caught.value.code == 5
    assert (names(tmp_path), (tmp_path / "out").read_text()) == (["out"], "old")


def test_other_errors_of_the_system_are_told(tmp_path: Path) -> None:
    for number in (errno.EROFS, errno.ENAMETOOLONG, errno.EBUSY):
        error: CrmError = target.failure("x", OSError(number, os.strerror(number)), direct=False)
        assert isinstance(error, FileError) and "x" in error.message()
    with pytest.raises(FileError):
        written(tmp_path / ("n" * 300))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize("size", [1, 1 << 20])
def test_a_full_device(size: int) -> None:
    with pytest.raises(FileError) as caught:
        written("/dev/full", "x" * size)
    assert "The disk is full" in caught.value.message()


def test_devices_are_written_as_they_are() -> None:
    written("/dev/null")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_standard_output_by_its_name(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
        written(name)
    assert capfd.readouterr().out == "new\n" * 3
    (tmp_path / "link").symlink_to("/dev/stdout")
    with open(tmp_path / "file", "a+b") as file:
        file.write(b"before\n")
        file.flush()
        written(f"/dev/fd/{file.fileno()}")
    assert (tmp_path / "file").read_text() == "before\nnew\n"


def test_a_fifo(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(fifo.read_text()))
    reader.start()
    written(fifo)
    reader.join()
    assert got == ["new\n"] and stat.S_ISFIFO(fifo.stat().st_mode)


def test_a_closed_pipe_stays_a_broken_pipe() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        with pytest.raises(BrokenPipeError):
            written(f"/dev/fd/{write}")
    finally:
        os.close(write)
