"""Modules of the standard library that Typer's imports ask for and a usual command never touches.

They cost a tenth of every start. Each gets an empty stand-in that loads itself when something of it is first asked
for. importlib.util.LazyLoader is meant for this, but up to Python 3.13 a second `import` of the same module loads it.
Only the program itself does this, never the package when somebody imports it.
"""

import sys
from importlib.machinery import PathFinder, SourceFileLoader
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# what others import by `import name` and use within functions only
_NAMES = ("subprocess", "bz2", "lzma", "linecache", "tokenize", "ipaddress", "ntpath")


class _Postponed(ModuleType):
    """Stands for a module until one of its attributes is asked for."""

    def __getattr__(self, name: str) -> "Any":
        if name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        self.__class__ = ModuleType  # type: ignore[assignment]
        self.__loader__.exec_module(self)  # type: ignore[union-attr]
        return getattr(self, name)


def postpone() -> None:
    """Put stand-ins where nothing is loaded yet."""
    for name in _NAMES:
        spec = None if name in sys.modules else PathFinder.find_spec(name)
        if spec is None or type(spec.loader) is not SourceFileLoader:
            continue
        module = _Postponed(name)
        module.__spec__, module.__loader__, module.__file__ = spec, spec.loader, spec.origin
        sys.modules[name] = module
