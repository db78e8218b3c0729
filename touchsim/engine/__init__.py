"""How time passes: addressed randomness, laws of duration, the behaviour rules and the two engines that call them.

Compiled functions are kept on disk, but numba looks only at the file of a function, not at the files of those it
calls; so the whole room is checked here and what was compiled from other sources is thrown away.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def _forget_stale_code() -> None:
    here = Path(__file__).parent
    sources = [*sorted(here.glob("*.py")), here.parent / "world" / "layout.py", here.parent / "vocabulary.py"]
    digest = hashlib.blake2b(b"".join(source.read_bytes() for source in sources), digest_size=16).hexdigest()
    cache = here / "__pycache__"
    stamp = cache / "compiled_from"
    try:
        if stamp.exists() and stamp.read_text() == digest:
            return
        for kept in [*cache.glob("*.nbi"), *cache.glob("*.nbc")]:
            kept.unlink(missing_ok=True)
        cache.mkdir(exist_ok=True)
        new = stamp.with_suffix(f".{os.getpid()}")
        new.write_text(digest)
        new.replace(stamp)
    except OSError:
        pass  # a read-only installation: its files are replaced together, and never stale


_forget_stale_code()
