"""Pictures as files: check them (``inspect``), fit them into an upload (``fit``), shrink them (``scale``).

The work itself is synchronous and pure; ``workers`` runs it in threads, off the event loop.
"""
