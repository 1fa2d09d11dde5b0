"""A training's progress on a terminal."""

from __future__ import annotations

from typing import TextIO

from tqdm import tqdm

from core.training_plan import Begun, EpochDone, Event, Measuring, Note, Preparing, Progress


class Display:
    """A bar for the epoch that runs, a line for each that is over; nothing but lines where `stream` is no terminal."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.bar: tqdm[None] | None = None

    def __call__(self, event: Event) -> None:
        """Show an event."""
        match event:
            case Preparing():
                self._bar(event.what, event.done, event.count, "")
            case Progress():
                figures = f"loss {event.loss:.4f}, {100 * event.accuracy:.2f} %"
                self._bar(f"epoch {event.epoch}/{event.epochs}", event.step, event.steps, figures)
            case Begun() if event.epoch or event.step:
                self._line(f"goes on after epoch {event.epoch} and batch {event.step} of the next")
            case EpochDone():
                share = "  ".join(
                    f"{name.removesuffix(' validation')} {100 * value:.2f}" for name, value in event.validation.items()
                )
                self._line(
                    f"epoch {event.epoch}/{event.epochs}  {event.seconds:.0f} s  loss {event.loss:.4f}  "
                    f"validation %: {share}"
                )
            case Note():
                self._line(event.text)
            case Measuring():
                self._line("exporting and measuring")

    def close(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.close()
            self.bar = None

    def _bar(self, name: str, done: int, count: int, figures: str) -> None:
        if self.bar is None or self.bar.desc != name:
            self.close()
            self.bar = tqdm(total=count or None, file=self.stream, leave=False, disable=not self.stream.isatty())
            self.bar.desc = name
        self.bar.total = count or None
        self.bar.set_postfix_str(figures, refresh=False)
        self.bar.update(done - self.bar.n)

    def _line(self, text: str) -> None:
        self.close()
        print(text, file=self.stream, flush=True)
