"""Files and directories on ports: ordinary paths that also know their digest."""

import os
import pathlib
import shutil
from typing import Any, Tuple


class File(os.PathLike):  # type: ignore[type-arg]
    """A file that a task received: give it to ``open``, ``pandas.read_csv``, … like any path.

    As an annotation: ``File["csv"]`` or plain ``File``.
    """

    __slots__ = ("path", "size", "media_type", "digest")

    def __init__(self, path: Any, size: int = 0, media_type: str = "", digest: str = "") -> None:
        self.path = os.fspath(path)
        self.size = size
        self.media_type = media_type
        self.digest = digest

    def __class_getitem__(cls, item: Any) -> Any:
        from ._annotations import file_annotation

        return file_annotation(item)

    def __fspath__(self) -> str:
        return self.path

    @property
    def name(self) -> str:
        return os.path.basename(self.path)

    def open(self, mode: str = "r", **options: Any) -> Any:
        return open(self.path, mode, **options)

    def read_text(self, encoding: str = "utf-8") -> str:
        return pathlib.Path(self.path).read_text(encoding)

    def read_bytes(self) -> bytes:
        return pathlib.Path(self.path).read_bytes()

    def __repr__(self) -> str:
        return "%s(%r)" % (type(self).__name__, self.path)


class Dir(File):
    """A directory that a task received."""

    __slots__ = ()

    def __class_getitem__(cls, item: Any) -> Any:
        raise TypeError("Dir takes no argument")

    def __truediv__(self, name: str) -> pathlib.Path:
        return pathlib.Path(self.path) / name

    def __iter__(self) -> Any:
        return iter(sorted(pathlib.Path(self.path).iterdir()))


def inside(path: str, directory: str) -> bool:
    """Whether ``path``, links followed, lies in ``directory``."""
    if not directory:
        return False
    root, real = os.path.realpath(directory), os.path.realpath(path)
    return real.startswith(root.rstrip(os.sep) + os.sep)


def fresh(directory: str, name: str) -> str:
    """A path in ``directory`` that does not exist yet, ending in ``name``."""
    name = os.path.basename(name.rstrip("/")) or "file"
    candidate, number = os.path.join(directory, name), 1
    while os.path.lexists(candidate):
        number += 1
        holder = os.path.join(directory, str(number))
        if not os.path.lexists(holder):
            os.mkdir(holder)
        candidate = os.path.join(holder, name)
    return candidate


def measure(path: str, is_dir: bool) -> int:
    """Bytes of a file, or of all files of a directory."""
    if not is_dir:
        return os.stat(path).st_size
    return sum(os.lstat(os.path.join(base, name)).st_size for base, _, names in os.walk(path) for name in names)


def own(value: Any, is_dir: bool, temp_dir: str) -> Tuple[str, int]:
    """Absolute path and size of an output, copied into ``temp_dir`` unless it is there already."""
    path = os.path.abspath(os.fspath(value))
    if isinstance(path, bytes):
        path = os.fsdecode(path)
    if not os.path.lexists(path):
        raise TypeError("%s does not exist" % path)
    if os.path.isdir(path) != is_dir or not (is_dir or os.path.isfile(path)):
        raise TypeError("%s is not a %s" % (path, "directory" if is_dir else "regular file"))
    if temp_dir and (os.path.islink(path) or not inside(path, temp_dir)):
        target = fresh(temp_dir, path)
        if is_dir:
            shutil.copytree(path, target)
        else:
            shutil.copyfile(path, target)
        path = target
    return path, measure(path, is_dir)


def make(path: str, size: int, media_type: str, digest: str, is_dir: bool) -> File:
    return (Dir if is_dir else File)(path, size, media_type, digest)
