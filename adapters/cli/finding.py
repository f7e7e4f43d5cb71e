"""What `entente doctor` finds."""

from dataclasses import dataclass

WELL, NOTE, BROKEN = "ok    ", "note  ", "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `is_broken`: Entente can't do its work like this."""

    mark: str
    text: str

    @property
    def is_broken(self) -> bool:
        """Whether it must be mended."""
        return self.mark == BROKEN
