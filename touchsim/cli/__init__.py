"""The command line: thin, in the words of the front door.

    touchsim new | check | touchpoints | run | study | compare | score | map | story | mystery-guest | reproduce

`main` is what the command ``touchsim`` calls.  It says what went wrong the same way everywhere: a user's mistake is a
list of findings on stderr and exit code 2, an interruption is 130 (typer sees to that), anything else is a fault of
ours: one line and exit code 1, or the traceback with ``--debug``.  `commands`, `individuals` and `scoring` hold the
words, `options` what they share, `jobs` and `surveys` the work behind them; nothing heavy is imported before a command
needs it, so that ``touchsim --help`` is there at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from touchsim.errors import BadInput

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        Words after ``touchsim``; those of the process by default.
    """
    words = _spread(list(sys.argv[1:] if argv is None else argv))
    debug = "--debug" in words
    from touchsim.cli.scoring import app

    try:
        app([word for word in words if word != "--debug"], prog_name="touchsim")
    except BadInput as bad:
        if debug:
            raise
        for finding in bad.findings:
            print(finding, file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(1)
    except Exception as fault:
        if debug:
            raise
        said = " ".join(f"{type(fault).__name__}: {fault}".split())
        print(f"touchsim failed: {said[:300]}; run again with --debug for the traceback", file=sys.stderr)
        sys.exit(1)


def _spread(words: list[str]) -> list[str]:
    """Let ``--with a b`` mean ``--with a --with b``, once the scenario has been named.

    Examples
    --------
    >>> _spread(["compare", "webshop", "--with", "a", "b", "--seed", "2"])
    ['compare', 'webshop', '--with', 'a', '--with', 'b', '--seed', '2']
    """
    if words[:1] != ["compare"] or len(words) < 2 or words[1].startswith("-"):
        return words
    spread: list[str] = []
    option = ""
    for word in words:
        if word.startswith("-"):
            option = word
        elif option == "--with" and spread[-1] != "--with":
            spread.append("--with")
        spread.append(word)
    return spread
