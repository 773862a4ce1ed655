"""The folder or zip that a whole export is: written whole or not at all, read without trust in it.

At its top a manifest names every file with its size and its sum; nothing else in it is ever opened.
"""

import hashlib
import io
import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from crm_cli.errors import BadData, Conflict, FileError
from crm_cli.formats.target import failure, open_binary_target

MANIFEST = "crm-export.json"
_LEVEL = 3  # twice as fast as the usual one, a sixth larger
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the same rows make the same bytes
_MOST_FILES = 200
_MOST_MANIFEST = 1_000_000
_LONGEST_LINE = 64_000_000
_FREE_SIZE, _MOST_TIMES = 100_000_000, 250  # beyond the first, no zip unpacks to more than so many times its size
_CHANGED = "Nothing was written. Export it again."


class Measured(io.RawIOBase):
    """Passes bytes on, and knows how many there were and their sum."""

    def __init__(self, stream: Any) -> None:
        self.stream, self.size, self.sum = stream, 0, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.size += len(data)
        self.sum.update(data)
        self.stream.write(data)
        return len(data)

    def facts(self) -> dict[str, Any]:
        return {"bytes": self.size, "sha256": self.sum.hexdigest()}


class Outward(Protocol):
    """Where the files of an export go."""

    def add(self, name: str) -> Any: ...


class _Folder:
    def __init__(self, path: str) -> None:
        self.path = path

    @contextmanager
    def add(self, name: str) -> Iterator[Measured]:
        path = Path(self.path) / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            yield Measured(file)
            file.flush()
            os.fsync(file.fileno())


class _Zip:
    def __init__(self, stream: BinaryIO) -> None:
        self.zip = zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)

    @contextmanager
    def add(self, name: str) -> Iterator[Measured]:
        info = zipfile.ZipInfo(name, _FIRST_DAY)
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
        with self.zip.open(info, "w", force_zip64=True) as file:
            yield Measured(file)


@contextmanager
def zip_to(stream: BinaryIO) -> Iterator[Outward]:
    """A zip on an open stream, which need not know where it stands."""
    bundle = _Zip(stream)
    try:
        yield bundle
    except BaseException:
        bundle.zip.fp = None  # what failed is not brought to an end when it is forgotten
        raise
    bundle.zip.close()


@contextmanager
def bundle_to(path: str, *, force: bool) -> Iterator[Outward]:
    """A zip where the name says so, else a folder; Conflict where something is there."""
    if path.lower().endswith(".zip"):
        with open_binary_target(path, force=force) as stream, zip_to(stream) as bundle:
            yield bundle
        return
    place = os.path.realpath(path) if force else os.path.normpath(path)
    refuse_folder(path, place, force=force)
    part = os.path.join(os.path.dirname(place) or ".", f".{os.path.basename(place)[:40]}.{os.urandom(6).hex()}.part")
    try:
        os.mkdir(part, 0o700)
        yield _Folder(part)
        _put(part, place)
    except OSError as error:
        if error.filename is not None and not str(error.filename).startswith((part, place)):
            raise  # another file than ours
        raise failure(path, error, direct=False) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def refuse_folder(path: str, place: str, *, force: bool) -> None:
    """Conflict where a file or a folder with anything in it is; with `force` only where that is no export of ours."""
    if not os.path.lexists(place):
        return
    if not os.path.isdir(place):
        raise Conflict(
            "{name} is a file, not a folder", hint="Name a new folder, or a file that ends in .zip", name=path
        )
    inside = _files_in(place)
    if not inside:
        return
    ours = _named_files(place)
    if not force:
        hint = "Add --force to replace it, or choose another name." if ours else "Choose another name."
        raise Conflict("{name} is already there, and is not empty.", hint=hint, name=path)
    strange = sorted(inside - ours)
    if strange:
        raise Conflict(
            "{name} has other files in it than those of an export: {strange}",
            hint="Nothing was changed. Choose another name.",
            name=path,
            strange=strange[0],
        )


def _files_in(folder: str) -> set[str]:
    return {
        os.path.relpath(os.path.join(where, name), folder).replace(os.sep, "/")
        for where, _, names in os.walk(folder)
        for name in names
    }


def _named_files(folder: str) -> set[str]:
    """The files that an export in this folder has; empty where it is none."""
    with suppress(OSError, ValueError, BadData):
        manifest = _parsed(folder, (Path(folder) / MANIFEST).read_bytes())
        return {MANIFEST, *(str(one["file"]) for part in ("kinds", "tables") for one in manifest[part].values())}
    return set()


def _put(part: str, place: str) -> None:
    """The finished folder gets its name; an export that is there goes first, and comes back if that fails."""
    if os.path.isdir(place) and os.listdir(place):
        old = f"{part}.old"
        os.rename(place, old)
        try:
            os.rename(part, place)
        except OSError:
            os.rename(old, place)
            raise
        shutil.rmtree(old, ignore_errors=True)
    else:
        if os.path.isdir(place):
            os.rmdir(place)
        os.rename(part, place)
    with suppress(OSError):  # some file systems cannot
        folder = os.open(os.path.dirname(place) or ".", os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


# ------------------------------------------------------------------ reading


class Inward:
    """An export that is read: its manifest, and its files by name."""

    def __init__(self, path: str, packed: zipfile.ZipFile | None) -> None:
        self.path, self.packed = path, packed
        self.manifest = _parsed(path, self._small(MANIFEST))

    def close(self) -> None:
        if self.packed is not None:
            self.packed.close()

    @contextmanager
    def _opened(self, name: str) -> Iterator[Any]:
        try:
            if self.packed is not None:
                with self.packed.open(name) as stream:
                    yield stream
            else:
                flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
                with open(os.open(os.path.join(self.path, name), flags), "rb") as stream:
                    yield stream
        except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
            raise self._bad("{path}: {file} in it is missing or damaged", name) from None

    def _small(self, name: str) -> bytes:
        with self._opened(name) as stream:
            data: bytes = stream.read(_MOST_MANIFEST + 1)
        if len(data) > _MOST_MANIFEST:
            raise self._bad("{path}: {file} in it is too large", name)
        return data

    def _bad(self, sentence: str, name: str) -> BadData:
        return BadData(sentence, hint=_CHANGED, path=self.path, file=name)

    def lines(self, facts: dict[str, Any]) -> Iterator[bytes]:
        """The lines of a file, without their ends; BadData at the end where they are not those that were written."""
        name, size, total = str(facts["file"]), 0, hashlib.sha256()
        with self._opened(name) as stream:
            lines = io.BufferedReader(stream, 1 << 20) if self.packed is None else stream
            while line := lines.readline(_LONGEST_LINE):
                size += len(line)
                total.update(line)
                if size > facts["bytes"] or line[-1:] != b"\n":
                    raise self._bad("{path}: {file} in it was changed", name)
                yield line[:-1]
        if size != facts["bytes"] or total.hexdigest() != facts["sha256"]:
            raise self._bad("{path}: {file} in it was changed", name)

    def copy(self, facts: dict[str, Any], target: str) -> None:
        """A file of it as a file of its own, with the same check."""
        name, size, total = str(facts["file"]), 0, hashlib.sha256()
        with open(target, "xb") as file:
            for data in self._pieces(name):
                size += len(data)
                total.update(data)
                if size > facts["bytes"]:
                    break
                file.write(data)
        if size != facts["bytes"] or total.hexdigest() != facts["sha256"]:
            raise self._bad("{path}: {file} in it was changed", name)

    def _pieces(self, name: str) -> Iterator[bytes]:
        with self._opened(name) as stream:
            while data := stream.read(1 << 20):
                yield data


@contextmanager
def bundle_from(path: str) -> Iterator[Inward | None]:
    """The export at `path`; None where it is none of ours. BadData for one that does not hold together."""
    if os.path.isdir(path):
        if not os.path.isfile(os.path.join(path, MANIFEST)):
            yield None
            return
        yield Inward(path, None)
        return
    packed = _zip_at(path)
    if packed is None:
        yield None
        return
    try:
        refuse_bomb(path, packed)
        yield Inward(path, packed)
    finally:
        packed.close()


def _zip_at(path: str) -> zipfile.ZipFile | None:
    """The zip at `path`, if it has a manifest of ours."""
    try:
        if not os.path.isfile(path):
            return None
        with open(path, "rb") as file:
            if file.read(4) != b"PK\x03\x04":
                return None
        packed = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        if path.lower().endswith(".zip"):
            raise BadData(
                "{path} is a zip that is cut off or damaged", hint="Nothing was written.", path=path
            ) from None
        return None
    except OSError:
        return None  # whoever reads it says what is wrong
    if MANIFEST in packed.namelist():
        return packed
    packed.close()
    return None


def refuse_bomb(path: str, packed: zipfile.ZipFile) -> None:
    """BadData for a zip that points out of itself, has a name twice, is locked, or unpacks to far too much."""
    infos = packed.infolist()
    names = [info.filename for info in infos]
    for name in names:
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name or "\\" in name:
            raise BadData(
                "{path} has a file that points out of it: {file}", hint="Nothing was written.", path=path, file=name
            )
    if len(set(names)) < len(names) or len(names) > _MOST_FILES or any(info.flag_bits & 1 for info in infos):
        raise BadData("{path} is a zip that no export of crm is", hint="Nothing was written.", path=path)
    unpacked, there = sum(info.file_size for info in infos), os.path.getsize(path)
    if unpacked > _FREE_SIZE and unpacked > there * _MOST_TIMES:
        raise BadData(
            "{path} would unpack to {size} megabytes, far more than an export of its size does",
            hint="Nothing was written.",
            path=path,
            size=unpacked // 1_000_000,
        )


def _parsed(path: str, data: bytes) -> dict[str, Any]:
    """The manifest, looked at: what its readers rely on is there and of the right kind."""
    try:
        found = json.loads(data)
        if found["format"] != "crm export" or not isinstance(found["schema"], int):
            raise ValueError
        for part, count in (("kinds", "records"), ("tables", "rows")):
            for name, facts in found[part].items():
                plain = facts["file"].replace("/", "").replace("-", "").replace("_", "").replace(".", "")
                if not (plain.isascii() and plain.isalnum()) or ".." in facts["file"] or facts["file"][0] in "/.":
                    raise ValueError
                if not all(isinstance(facts[key], int) and facts[key] >= 0 for key in (count, "bytes")):
                    raise ValueError
                if not isinstance(facts["sha256"], str) or not name.replace("_", "").isalpha():
                    raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        raise BadData("{path}: {file} in it is missing or damaged", hint=_CHANGED, path=path, file=MANIFEST) from None
    return found  # type: ignore[no-any-return]


def refuse_newer(path: str, version: int, known: int) -> None:
    """FileError for an export that a later version of the program has written."""
    if version > known:
        raise FileError(
            "{path} has schema version {version}, newer than the {known} that this crm knows",
            hint="Nothing was changed. Update crm: pip install --upgrade crm-cli",
            path=path,
            version=version,
            known=known,
        )
