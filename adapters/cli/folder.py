"""One playground at a time on one folder: two would each move the clock of the other."""

import sys
from pathlib import Path
from typing import IO

from bot.core.errors import SettingsError

LOCK = "lock"


def hold(folder: Path) -> IO[bytes]:
    """Keep the folder for this process, until what is answered is closed or the process ends.

    Raises SettingsError if another process has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    held = (folder / LOCK).open("ab")
    try:
        _lock(held)
    except OSError:
        held.close()
        raise SettingsError(
            [
                f"A playground is running on the files in {folder.absolute()} already. Go to it, "
                "or stop it first; another one can run in another folder."
            ]
        ) from None
    return held


if sys.platform == "win32":

    def _lock(held: IO[bytes]) -> None:
        import msvcrt

        msvcrt.locking(held.fileno(), msvcrt.LK_NBLCK, 1)

else:

    def _lock(held: IO[bytes]) -> None:
        import fcntl

        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
