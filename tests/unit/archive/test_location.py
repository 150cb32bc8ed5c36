from __future__ import annotations

from pathlib import Path

import pytest

from bot.archive.location import Bucket, Folder, parse_archive_url


@pytest.mark.parametrize(
    ("url", "location", "words"),
    [
        ("file:images", Folder(Path("images")), "the folder images"),
        ("file:./data/images", Folder(Path("data/images")), "the folder data/images"),
        (
            " file:///srv/easel/my%20images ",
            Folder(Path("/srv/easel/my images")),
            "the folder /srv/easel/my images",
        ),
        ("file://localhost/srv", Folder(Path("/srv")), "the folder /srv"),
        ("az://originals", Bucket("az", "originals", ""), "az://originals"),
        ("az://originals/easel/2026/", Bucket("az", "originals", "easel/2026"), "az://originals/easel/2026"),
        ("s3://my.bucket/easel", Bucket("s3", "my.bucket", "easel"), "s3://my.bucket/easel"),
    ],
)
def test_archive_urls(url: str, location: Folder | Bucket, words: str) -> None:
    assert parse_archive_url(url) == location
    assert str(location) == words


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "has the form"),
        ("images", "has the form"),
        ("https://account.blob.core.windows.net/images", "has the form"),
        ("file://[", "not a URL"),
        ("file:", "no folder"),
        ("file:///", "no folder"),
        ("file:a%00b", "no folder"),
        ("file://images", "write file:images"),
        ("file://images/2026", "write file:images/2026 or file:///images/2026"),
        ("file:images?mode=x", "no user, query"),
        ("az://originals?sv=2026&sig=abc", "come from the environment"),
        ("s3://key:secret@bucket", "come from the environment"),
        ("az://", "no legal container"),
        ("az://Originals", "no legal container"),
        ("az://a--b", "no legal container"),
        ("az://my.container", "no legal container"),
        ("s3://..", "no legal bucket"),
        ("s3://ab", "no legal bucket"),
        ("s3://bucket/a/../b", "prefix"),
        ("az://originals/a b", "prefix"),
    ],
)
def test_a_bad_archive_url_is_one_sentence_that_says_what_to_write(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        parse_archive_url(url)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "abc" not in str(caught.value)
