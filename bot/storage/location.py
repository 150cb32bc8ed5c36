"""Where the database is: parses ``DATABASE_URL``, without touching the database."""

from __future__ import annotations

import psycopg
import sqlalchemy as sa
from psycopg.conninfo import make_conninfo

_FORMS = "sqlite:///data/easel.db or postgresql://user:password@host/database"
_POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")


def parse_database_url(url: str) -> sa.URL:
    """Read a ``DATABASE_URL``.

    A SQLite path follows three slashes if it is relative to the current folder, four if it is absolute.
    PostgreSQL takes what libpq takes, including options such as ``?sslmode=require``.

    Raises:
        ValueError: ``url`` is wrong; the text tells the operator why, and never repeats a password.
    """
    try:
        parsed = sa.make_url(url.strip())
    except (sa.exc.ArgumentError, ValueError):
        raise ValueError(f"is not a URL; it has the form {_FORMS}") from None
    if parsed.drivername == "sqlite":
        if "?" in url:
            raise ValueError("has a '?', which SQLite's path cannot have here, and options it takes none")
        return _sqlite(parsed)
    if parsed.drivername in _POSTGRESQL:
        return _postgresql(parsed.set(drivername="postgresql+psycopg"))
    raise ValueError(f"has the form {_FORMS}")


def describe(url: sa.URL) -> str:
    """Name a database for the log: what it is and where, without user and password."""
    if url.get_backend_name() == "sqlite":
        return f"the SQLite file {url.database}"
    host = url.host or ", ".join(_values(url, "host")) or "this machine"
    port = f":{url.port}" if url.port else ""
    return f"the PostgreSQL database {url.database} on {host}{port}"


def _sqlite(url: sa.URL) -> sa.URL:
    if url.host or url.username or url.password or url.port:
        raise ValueError("names a host; a path follows three slashes, as in sqlite:///data/easel.db")
    path = url.database or ""
    if not path or path.endswith("/") or path.startswith((":memory:", "file:")) or "\0" in path:
        raise ValueError("names no file; write sqlite:///data/easel.db, or sqlite:////srv/easel.db")
    return url


def _postgresql(url: sa.URL) -> sa.URL:
    if not url.database:
        raise ValueError(f"names no database; it has the form {_FORMS}")
    if "password" in url.query:
        raise ValueError("has its password among the options; it belongs before the host: user:password@host")
    if url.port is not None and not 0 < url.port < 2**16:
        raise ValueError("has a port that is none: 1 to 65535")
    for option, value in url.query.items():
        try:
            make_conninfo(**{option: ",".join(value) if isinstance(value, tuple) else value})
        except psycopg.Error:
            raise ValueError(f"has an option that PostgreSQL does not know: {option}") from None
    return url


def _values(url: sa.URL, option: str) -> tuple[str, ...]:
    value = url.query.get(option, ())
    return (value,) if isinstance(value, str) else value
