from __future__ import annotations

import time

from sandbox.azure.blobs.store import KEPT, Blob, BlobStore


def test_link_is_signed_for_one_name_and_one_end() -> None:
    store = BlobStore()
    blob = Blob(b"a picture", "image/png", time.monotonic() + 60)
    name, _, query = store.put(blob, 60).partition("?")
    signature = query.rpartition("sig=")[2]
    end = query.partition("se=")[2].partition("&")[0].replace("%3A", ":")
    assert store.get(name) is blob
    assert store.signed(name, end, signature)
    assert not store.signed(name, end.replace("20", "21", 1), signature)
    assert not store.signed("other.png", end, signature)
    assert not store.signed(name, end, "")


def test_oldest_pictures_go_when_too_many_are_kept() -> None:
    store = BlobStore()
    names = [store.put(Blob(b"", "image/jpeg", 0.0), 60).partition("?")[0] for _ in range(KEPT + 1)]
    assert names[0].endswith(".jpg")
    assert store.get(names[0]) is None
    assert store.get(names[1]) is not None
