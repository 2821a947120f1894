"""Git, asked in one way: an answer, or a `UserError` that says why there is none and what to do. Never a guess.

Git refuses in many ways (not installed, no repository, another owner's folder in a container, a damaged object) and all
look alike to who only reads its output: empty. Answers come as bytes, and names are asked for with `-z`, since git
quotes names with other letters than ASCII, and line ends are part of a diff.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from components.common.errors import UserError

START = "git add -A && git commit -m Start"
SECONDS = 600  # for one question; a clone may take as long
WORKSPACES = ".sweeps"  # below a project: copies of it, with its code
UNKNOWN = "unknown"  # in tags: the question failed
# Set inside hooks and by some tools: they would have git answer for another repository than the one that lies here.
ELSEWHERE = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_LITERAL_PATHSPECS",
)  # fmt: skip


class GitError(UserError):
    """Git did not answer. code: its exit code, None where it did not even run."""

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


def git(root: Path, *arguments: str, environment: Mapping[str, str] | None = None, given: bytes = b"") -> bytes:
    """What git prints in the folder `root`. given: its input. Raises `GitError` in one line when it fails."""
    inherited = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    # Its messages are told apart below, and a question must not wait for an answer from the terminal.
    settings = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    try:
        process = subprocess.run(
            ["git", "-c", "core.fsmonitor=false", *arguments],
            cwd=root,
            env={**inherited, **settings, **(environment or {})},
            input=given,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise GitError(f"git {arguments[0]} did not end within {SECONDS} s in {root}; is its disk busy?") from error
    except FileNotFoundError as error:
        raise GitError(_not_run(root)) from error
    except OSError as error:
        raise GitError(f"git cannot be run in {root}: {error.strerror}") from error
    if process.returncode != 0:
        said = process.stderr.decode("utf-8", "replace").strip()
        raise GitError(explain(root, arguments[0], said), process.returncode)
    return process.stdout


def _not_run(root: Path) -> str:
    return "git is not installed, or not on PATH; install it" if root.is_dir() else f"{root} is not a folder"


def explain(root: Path, question: str, said: str) -> str:
    """Why git did not answer, and what to do. said: its standard error, in English."""
    lines = said.splitlines() or ["no output"]
    if "dubious ownership" in said:
        named = re.search(r"repository at '(.+)'", said)  # not `root` where that one is cloned from another folder
        place = named[1] if named else str(root.resolve())
        return (
            f"git does not trust {place}, which belongs to another user; "
            f"run: git config --global --add safe.directory {shlex.quote(place)}"
        )
    if "not a git repository" in said:
        return f"{root} is no git repository (an archive without history?); clone the project, or: git init && {START}"
    damaged = ("corrupt", "bad object", "missing blob", "missing tree", "unable to read", "bad signature", "inflate:")
    if any(word in said for word in (*damaged, "is empty", "index file", "bad ref", "invalid sha1", "broken")):
        return f"the git repository at {root} is damaged ({_telling(lines)}); see `git fsck`, or clone the project anew"
    return f"git {question} failed in {root}: {_telling(lines)}"


def _telling(lines: list[str]) -> str:
    """The line that says most: the first fatal one, else the last."""
    fatal = [line for line in lines if line.startswith(("fatal: ", "error: "))]
    return (fatal or lines[-1:])[0].removeprefix("fatal: ").removeprefix("error: ")[:200]


def names(answer: bytes) -> list[str]:
    """The names in an answer of a command with `-z`."""
    return [os.fsdecode(name) for name in answer.split(b"\0") if name]


def as_names(paths: Iterable[str]) -> bytes:
    """Names as input of a command with `-z --stdin`."""
    return b"".join(os.fsencode(path) + b"\0" for path in paths)


def head(root: Path) -> str:
    """The commit of the project at `root`, or of the project whose workspace `root` is.

    Raises `GitError` where there is none, or only that of a folder around it.
    """
    top = Path(os.fsdecode(git(root, "rev-parse", "--show-toplevel").removesuffix(b"\n")))
    if not top.samefile(root) and not root.resolve().is_relative_to(top.resolve() / WORKSPACES):
        raise GitError(f"{root} lies in the repository of another project, {top}; clone the project to get its own")
    try:
        commit = git(root, "rev-parse", "--verify", "HEAD^{commit}").decode().strip()
    except GitError as error:
        if _unborn(root):
            raise GitError(f"{root} has no commit yet; run: {START}") from error
        raise
    return commit


def _unborn(root: Path) -> bool:
    """Whether the branch has no commit, rather than one that cannot be read."""
    try:
        branch = git(root, "symbolic-ref", "HEAD").decode().strip()
        return not git(root, "for-each-ref", "--format=%(refname)", branch).strip()
    except GitError:
        return False  # then the first error says more


def is_dirty(root: Path, *besides: str) -> bool:
    """Whether files that git knows differ from the commit. besides: files and folders that do not count."""
    left_out = (f":(exclude,top){path}" for path in besides)
    return bool(git(root, "status", "--porcelain", "-z", "--untracked-files=no", "--", ":/", *left_out))


def is_shallow(root: Path) -> bool:
    """Whether older commits were left out when the project was cloned."""
    return git(root, "rev-parse", "--is-shallow-repository").strip() == b"true"


def ignored(root: Path, paths: Iterable[str]) -> set[str]:
    """Those of the paths that git ignores."""
    try:
        return set(names(git(root, "check-ignore", "-z", "--stdin", given=as_names(paths))))
    except GitError as error:
        if error.code == 1:  # its answer for "none of them"
            return set()
        raise
