"""Pictures as files: is one sound (``inspect``), does it fit an upload (``fit``), smaller (``scale``).

Everything here is synchronous and pure; ``workers`` runs it in threads, off the event loop.
"""
