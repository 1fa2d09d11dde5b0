"""A training's progress on a terminal."""

from __future__ import annotations

from typing import TextIO

from tqdm import tqdm

from core.training_plan import EpochDone, Event, Note, Progress


class Display:
    """A bar for the epoch that runs, a line for each that is over; nothing but lines where `stream` is no terminal."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.bar: tqdm[None] | None = None

    def __call__(self, event: Event) -> None:
        """Show an event."""
        match event:
            case Progress():
                self._advance(event)
            case EpochDone():
                self._close()
                share = "  ".join(
                    f"{name.removesuffix(' validation')} {100 * value:.2f}" for name, value in event.validation.items()
                )
                self._line(
                    f"epoch {event.epoch}/{event.epochs}  {event.seconds:.0f} s  loss {event.loss:.4f}  "
                    f"validation %: {share}"
                )
            case Note():
                self._close()
                self._line(event.text)

    def _advance(self, event: Progress) -> None:
        if self.bar is None:
            self.bar = tqdm(
                desc=f"epoch {event.epoch}/{event.epochs}", total=event.steps, file=self.stream, leave=False,
                disable=not self.stream.isatty(),
            )  # fmt: skip
        self.bar.set_postfix_str(f"loss {event.loss:.4f}, {100 * event.accuracy:.2f} %", refresh=False)
        self.bar.update(event.step - self.bar.n)

    def _close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None

    def _line(self, text: str) -> None:
        print(text, file=self.stream, flush=True)
