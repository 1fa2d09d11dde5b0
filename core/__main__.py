"""`python -m core`: the command line. Answers go to standard output, everything else to standard error.

Exit status: 0 done, 1 something went wrong and is said in a sentence, 2 the arguments make no sense, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

from core.commands import benchmark, difficulties, evaluate, models, read, train
from core.errors import DigitscopeError, SettingsError
from core.results import printable

FAILED, USAGE = 1, 2
INTERRUPTED = 130  # 128 + SIGINT, as shells have it
NOBODY_READS = 141  # 128 + SIGPIPE

COMMANDS = {
    command.__name__.rpartition(".")[2]: command for command in (read, train, evaluate, models, benchmark, difficulties)
}


def build_parser() -> ArgumentParser:
    """The parser of all commands."""
    parser = ArgumentParser(
        prog="python -m core",
        description="Digitscope reads handwritten numbers in pictures, and trains and measures the models that do.",
    )
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    for command in COMMANDS.values():
        command.register(subparsers)
    return parser


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    _prepare_streams()
    parser = build_parser()
    arguments = parser.parse_args(words)
    if arguments.command is None:
        parser.print_help()
        return 0
    try:
        status: int = COMMANDS[arguments.command].run(arguments)
        sys.stdout.flush()
    except DigitscopeError as error:
        print(f"error: {printable(str(error))}", file=sys.stderr)
        return USAGE if isinstance(error, SettingsError) else FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        if error.filename is None:
            return _unwritten(error)
        reason = f"{printable(str(error.filename))} cannot be used ({error.strerror})"
        print(f"error: {reason}; check the name and its permissions", file=sys.stderr)
        return FAILED
    return status


def _prepare_streams() -> None:
    """Give closed streams an end, and let a terminal that lacks a character show its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by whoever started the process
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - as long as the process
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _unwritten(error: OSError) -> int:
    """The exit status where nobody takes the answer, or there is no room for it, which is said."""
    # Python flushes once more on its way out, which would complain.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        return NOBODY_READS
    print(f"error: the answer cannot be written ({error.strerror}); free some space", file=sys.stderr)
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
