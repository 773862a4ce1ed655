"""The file that an export goes to: all of it under its name, or nothing."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from crm_cli.errors import Conflict, FileError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_OPEN_FD = re.compile(r"/dev/(?:fd/(\d+)|(stdin|stdout|stderr))|/proc/self/fd/(\d+)")


@contextmanager
def open_target(path: str | Path, *, force: bool) -> Iterator[TextIO]:
    """A text stream (UTF-8, line ends as written) that becomes `path`, mode 0600, when the block ends well.

    Conflict when something is there and not `force`; FileError when it cannot be written. A device, a fifo and
    /dev/stdout are written directly.
    """
    with _target(path, force=force, text=True) as stream:
        yield cast(TextIO, stream)


@contextmanager
def open_binary_target(path: str | Path, *, force: bool) -> Iterator[BinaryIO]:
    """The same for bytes."""
    with _target(path, force=force, text=False) as stream:
        yield cast(BinaryIO, stream)


@contextmanager
def _target(path: str | Path, *, force: bool, text: bool) -> Iterator[TextIO | BinaryIO]:
    name = str(path)
    try:
        direct = _direct(name)
        final = os.path.realpath(name) if force else name
        if direct is None:
            if Path(final).is_dir() or not name:
                raise FileError("{name} is a folder, not a file.", hint="Name a file in it.", name=name)
            if not force and os.path.lexists(final):
                raise _already(name)
            part, descriptor = _part(final)
        else:
            part, descriptor = "", direct
    except (OSError, ValueError) as error:
        raise failure(name, error, direct=False) from None
    stream = _stream(descriptor, text)
    try:
        yield stream
        if not stream.closed:
            stream.close()  # leaves the descriptor open
        if part:
            os.fsync(descriptor)
            _publish(part, final, name, force=force)
            part = ""
    except BrokenPipeError:
        raise  # whoever read has gone: no fault of the file
    except OSError as error:
        if error.filename is not None and error.filename not in (part, final):
            raise  # the block stumbled over another file
        raise failure(name, error, direct=direct is not None) from None
    finally:
        if not stream.closed:
            with suppress(OSError, ValueError):
                stream.close()
        with suppress(OSError):
            os.close(descriptor)
        if part:
            with suppress(OSError):
                Path(part).unlink()


def _direct(name: str) -> int | None:
    """A descriptor for what is written in place: an open one by its name, a device, a fifo; None for a plain file."""
    import stat

    if found := _OPEN_FD.fullmatch(name):
        number = found[1] or found[3]
        return os.dup(int(number) if number else ("stdin", "stdout", "stderr").index(found[2]))
    try:
        mode = Path(name).stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return None
    return os.open(name, os.O_WRONLY | os.O_CLOEXEC)


def _part(final: str) -> tuple[str, int]:
    """A new private file in the target's folder: its name and a descriptor."""
    folder, base = os.path.split(final)
    part = str(Path(folder) / f".{base[:40]}.{os.urandom(6).hex()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
    return part, os.open(part, flags, 0o600)


def _stream(descriptor: int, text: bool) -> TextIO | BinaryIO:
    if text:
        return open(descriptor, "w", encoding="utf-8", newline="", closefd=False)
    return open(descriptor, "wb", closefd=False)


def _publish(part: str, final: str, name: str, *, force: bool) -> None:
    """Give the finished file its name; without `force` never over one that came into being meanwhile."""
    linked = False
    if not force:
        try:
            os.link(part, final)
            linked = True
        except FileExistsError:
            raise _already(name) from None
        except OSError:  # a file system without hard links
            if os.path.lexists(final):
                raise _already(name) from None
    if linked:
        Path(part).unlink()
    else:
        Path(part).replace(final)
    with suppress(OSError):  # some file systems cannot; the file itself is safe
        folder = os.open(Path(final).parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _already(name: str) -> Conflict:
    return Conflict("{name} is already there.", hint="Add --force to replace it, or choose another name.", name=name)


def failure(name: str, error: Exception, *, direct: bool) -> FileError:
    """An error of the system as a sentence about this target."""
    number = getattr(error, "errno", None)
    if number in _FULL:
        if direct:
            return FileError("The disk is full: {name} could not be written to its end.", name=name)
        return FileError(
            "The disk is full: nothing of {name} was kept.",
            hint="Free some space or choose another place, and run it again.",
            name=name,
        )
    if number == errno.EIO:
        if direct:
            return FileError("The device failed: {name} could not be written to its end.", name=name)
        return FileError(
            "The disk failed: nothing of {name} was kept.", hint="Choose another place, and run it again.", name=name
        )
    if number in (errno.ENOENT, errno.ENOTDIR):
        return FileError("There is no folder for {name}.", hint="Make the folder first, or check the name.", name=name)
    if number in (errno.EACCES, errno.EPERM):
        return FileError(
            "{name} may not be written by you.", hint="Check the permissions, or choose another place.", name=name
        )
    if number == errno.EROFS:
        return FileError("{name} is on a disk that is read-only.", hint="Choose another place.", name=name)
    reason = (getattr(error, "strerror", None) or str(error)).rstrip(".")
    return FileError("{name} cannot be written: {reason}.", name=name, reason=reason)
