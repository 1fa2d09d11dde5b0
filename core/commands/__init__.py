"""The command line, one module per command: `register` adds its arguments, `run` does it and returns the exit status.

A module is named like its command. It imports lightly: what it needs beyond the reader, it imports when it runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

    Subparsers = _SubParsersAction[ArgumentParser]
