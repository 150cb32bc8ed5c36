from __future__ import annotations

import pytest

from bot.storage.location import describe, parse_database_url


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:///data/easel.db", "the SQLite file data/easel.db"),
        (" sqlite:////srv/easel/easel.db ", "the SQLite file /srv/easel/easel.db"),
        ("sqlite:///my pictures/50%.db", "the SQLite file my pictures/50%.db"),
        ("postgresql://easel:pa%40ss@db.example/easel", "the PostgreSQL database easel on db.example"),
        ("postgres://easel@db.example:6432/easel", "the PostgreSQL database easel on db.example:6432"),
        ("postgresql+psycopg://db.example/easel", "the PostgreSQL database easel on db.example"),
        ("postgresql:///easel", "the PostgreSQL database easel on this machine"),
        (
            "postgresql://easel@/easel?host=/run/postgresql",
            "the PostgreSQL database easel on /run/postgresql",
        ),
        ("postgresql:///e?host=a:1&host=b:2", "the PostgreSQL database e on a:1, b:2"),
        ("postgresql://db.example/e?sslmode=require", "the PostgreSQL database e on db.example"),
    ],
)
def test_database_urls(url: str, words: str) -> None:
    assert describe(parse_database_url(url)) == words


def test_all_spellings_of_postgresql_are_one_driver() -> None:
    spellings = ("postgres", "postgresql", "postgresql+psycopg")
    parsed = {parse_database_url(f"{spelling}://easel:secret@db.example/easel") for spelling in spellings}
    assert len(parsed) == 1
    assert parsed.pop().drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "not a URL"),
        ("easel.db", "not a URL"),
        ("postgresql://easel:secret@db.example:port/easel", "not a URL"),
        ("mysql://easel:secret@db.example/easel", "has the form"),
        ("postgresql+asyncpg://easel:secret@db.example/easel", "has the form"),
        ("sqlite+aiosqlite:///easel.db", "has the form"),
        ("sqlite://", "names no file"),
        ("sqlite:///", "names no file"),
        ("sqlite:///data/", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///file:easel.db", "names no file"),
        ("sqlite:///a\0b", "names no file"),
        ("sqlite:///easel.db?mode=ro", r"has a '\?'"),
        ("sqlite:///easel?.db", r"has a '\?'"),
        ("sqlite://easel.db", "names a host"),
        ("sqlite://data/easel.db", "names a host"),
        ("postgresql://easel:secret@db.example", "names no database"),
        ("postgresql://easel:secret@db.example/", "names no database"),
        ("postgresql://easel:secret@db.example:0/easel", "port"),
        ("postgresql://easel:secret@db.example:65536/easel", "port"),
        ("postgresql://db.example/easel?user=easel&password=secret", "password among the options"),
        ("postgresql://easel:secret@db.example/easel?sslmod=require", "does not know: sslmod"),
    ],
)
def test_what_is_no_database_url_is_refused_without_a_word_of_its_password(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as refused:
        parse_database_url(url)

    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_parsed_url_does_not_show_its_password() -> None:
    url = parse_database_url("postgresql://easel:secret@db.example/easel")
    assert "secret" not in f"{url!r} {url!s}"
