"""The originals: every picture as Azure sent it, kept in an object store.

``location`` reads ``ARCHIVE_URL``, ``keys`` names the objects, ``store`` keeps and reads them.
"""
