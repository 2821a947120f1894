"""Functions compiled by numba, whose machine code many processes keep in one folder.

Numba numbers the files of a function's variants by the index that it has just read. Two processes that compile two
variants at once take the same number, and the index then gives one variant the other's code: signal 11 at every later
start (numba issue 10128). A process killed between index and code leaves the same. Here a file is named by its content
and written before the index, so that nothing ever lies under another's name. The folder is the project's own, since
other programs write into the usual one without this.

A generalized ufunc is kept as two, the function and a wrapper that is looked up by the function's name. That name holds
a number which depends on what its process had compiled before: of two processes that compile it at once, one may leave
the function and the other the wrapper, and again every later start would end by signal 11, at address 0. Here a wrapper
that is not this function's is made anew.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from components.common.machine.places import APP, cache_folder, spare, writable

Function = TypeVar("Function", bound=Callable[..., Any])
FOLDER = "numba"


def compiled(**options: Any) -> Callable[[Function], Function]:
    """`numba.njit(cache=True)` with a safe cache. options: of `njit`."""
    import numba

    guard_cache()
    decorate: Callable[[Function], Function] = numba.njit(cache=True, **options)
    return decorate


def guard_cache() -> None:
    """From now on what this process compiles, libraries' functions too, goes to the safe cache. May be repeated.

    Must run before the module is imported whose functions are compiled.
    """
    from numba import config
    from numba.core import caching

    if issubclass(caching.IndexDataCacheFile, _ByContent):
        return
    vars(caching)["IndexDataCacheFile"] = _by_content(caching.IndexDataCacheFile)
    _check_wrappers()
    vars(config)["CACHE_DIR"] = str(compiled_folder())


def compiled_folder() -> Path:
    """Where the machine code is kept: below `NUMBA_CACHE_DIR` or the user's cache, else where one may write."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    # Each user has one: machine code is executed, and another's files may be unreadable.
    folder = (Path(given) / APP if given else cache_folder()) / f"{FOLDER}-{os.getuid()}"
    with suppress(OSError):
        return folder if writable(folder) else spare() / FOLDER
    return folder


def _check_wrappers() -> None:
    """A wrapper from the cache must have the name by which it will be looked up."""
    from numba.core.caching import NullCache
    from numba.np.ufunc.wrappers import _GufuncWrapper

    found_or_built: Callable[[Any, str], Any] = _GufuncWrapper._compile_wrapper

    def _compile_wrapper(self: Any, name: str) -> Any:
        library = found_or_built(self, name)
        if self.is_parfors or name in {function.name for function in library.get_defined_functions()}:
            return library
        cache, self.cache = self.cache, NullCache()
        library = found_or_built(self, name)
        cache.save_overload(self.cres.signature, library)
        return library

    setattr(_GufuncWrapper, "_compile_wrapper", _compile_wrapper)  # noqa: B010 (mypy knows no assignment to methods)


class _ByContent:
    """Marks numba's class of cache files once it is a safe one."""


def _by_content(base: type[Any]) -> type[Any]:
    class ContentAddressed(_ByContent, base):
        """A function's index, and a file for each of its variants."""

        def save(self, key: Any, data: Any) -> None:
            stem = self._index_name.removesuffix(".nbi")
            name = f"{stem}.{hashlib.sha256(self._dump(data)).hexdigest()[:16]}.nbc"
            self._save_data(name, data)
            self._save_index({**self._load_index(), key: name})

    return ContentAddressed
