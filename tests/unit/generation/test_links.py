from __future__ import annotations

import ipaddress

import pytest

from bot.errors import DownloadRefused
from bot.generation.links import LinkRules, NamedHost, is_public

BLOB = "https://account.blob.core.windows.net/images/a%2Fb.png?sv=2026&sig=a%2Bb%3D+c"


@pytest.mark.parametrize(
    "link",
    [
        BLOB,
        "https://account.blob.core.windows.net:443/x",
        "https://account-secondary.blob.core.chinacloudapi.cn/x",
        "https://account.blob.core.usgovcloudapi.net/x",
    ],
)
def test_links_into_blob_storage_are_followed(link: str) -> None:
    assert str(LinkRules().check(link)) == link.replace(":443", "")


def test_the_signature_is_left_as_it_is_and_the_host_is_lower_case() -> None:
    assert str(LinkRules().check(BLOB.replace("account", "ACCOUNT") + "#part")) == BLOB


@pytest.mark.parametrize(
    "link",
    [
        "http://account.blob.core.windows.net/x",
        "https://account.blob.core.windows.net:8443/x",
        "https://account.blob.core.windows.net./x",
        "https://account.blob.core.windows.net.example.com/x",
        "https://blob.core.windows.net/x",
        "https://a.b.blob.core.windows.net/x",
        "https://accountblob.core.windows.net/x",
        "https://account.queue.core.windows.net/x",
        "https://user@account.blob.core.windows.net/x",
        "https://user:pass@account.blob.core.windows.net/x",
        "https://:@account.blob.core.windows.net/x",
        "https://account.blob.core.windows.net@example.com/x",
        "https://example.com/x",
        "https://10.0.0.1/x",
        "https://169.254.169.254/metadata",
        "https://[::1]/x",
        "https://2130706433/x",
        "http://localhost/x",
        "ftp://account.blob.core.windows.net/x",
        "file:///etc/passwd",
        "//account.blob.core.windows.net/x",
        "/x",
        "",
        "https://",
        "https://account.blob.core.windows.net:99999/x",
        "https://account.blob.core.windows.net/x\r\nHost: inside",
        "https://account.blob.core.windows.net/a b",
        "https://bücher.example/x",
        "https://[fe80::1%25eth0]/x",
        "https://example.com\\@account.blob.core.windows.net/x",
        "https://account.blob.core.windows.net/" + "x" * 5000,
    ],
)
def test_links_to_anywhere_else_are_refused_without_quoting_them(link: str) -> None:
    with pytest.raises(DownloadRefused) as caught:
        LinkRules().check(f"{link}?sig=signature" if link else link)
    assert "signature" not in str(caught.value)
    assert "pass" not in str(caught.value)


@pytest.mark.parametrize(
    ("allowed", "link"),
    [
        ("pictures.example.com", "https://pictures.example.com/x"),
        ("pictures.example.com", "https://pictures.example.com:8443/x"),
        ("Pictures.Example.com:8443", "https://pictures.example.com:8443/x"),
        ("10.1.2.3", "https://10.1.2.3/x"),
        ("127.0.0.1", "http://127.0.0.1:8300/x"),
        ("127.0.0.1:8300", "http://127.0.0.1:8300/x"),
        ("localhost", "http://localhost:8300/x"),
        ("[::1]:8300", "http://[0:0:0::1]:8300/x"),
        ("::1", "http://[::1]/x"),
        ("[0::1]", "https://[::1]/x"),
    ],
)
def test_a_host_the_operator_names_is_allowed(allowed: str, link: str) -> None:
    assert LinkRules([allowed]).check(link)
    with pytest.raises(DownloadRefused):
        LinkRules(["other.example.com"]).check(link)


@pytest.mark.parametrize(
    ("allowed", "link"),
    [
        ("pictures.example.com", "http://pictures.example.com/x"),
        ("pictures.example.com", "https://sub.pictures.example.com/x"),
        ("pictures.example.com:8443", "https://pictures.example.com/x"),
        ("10.1.2.3", "http://10.1.2.3/x"),
        ("127.0.0.1:8300", "http://127.0.0.1:8301/x"),
        ("127.0.0.1", "http://localhost/x"),
        ("127.0.0.1", "http://user@127.0.0.1/x"),
        ("127.0.0.1", "ws://127.0.0.1/x"),
    ],
)
def test_naming_a_host_allows_no_more_than_that(allowed: str, link: str) -> None:
    with pytest.raises(DownloadRefused):
        LinkRules([allowed]).check(link)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        (" Example.COM ", NamedHost("example.com")),
        ("example.com:8443", NamedHost("example.com", 8443)),
        ("[2001:DB8::1]", NamedHost("2001:db8::1")),
        ("[2001:db8:0::1]:443", NamedHost("2001:db8::1", 443)),
        ("2001:db8::1", NamedHost("2001:db8::1")),
    ],
)
def test_named_hosts(text: str, host: NamedHost) -> None:
    assert NamedHost.parse(text) == host


@pytest.mark.parametrize(
    "text",
    [
        *("", "https://example.com", "*.example.com", "example.com/x", "a b", "user@host", ":443"),
        *("[::1", "[x]:1", "[::1]443", "[dead]", "example.com:0", "example.com:65536", "example.com:²"),
    ],
)
def test_what_is_no_host(text: str) -> None:
    with pytest.raises(ValueError, match=r"no host|no port"):
        LinkRules(["example.com", text])


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "20.150.38.228", "2606:4700::1111", "::ffff:8.8.8.8", "2002:808:808::1", "64:ff9b::8.8.8.8"],
)
def test_addresses_of_the_public_internet(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "10.0.0.1", "127.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "198.18.0.1"),
        *("169.254.169.254", "168.63.129.16", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "::ffff:168.63.129.16", "::ffff:0:8.8.8.8"),
        *("fe80::1", "fc00::1", "fec0::1", "ff02::1", "2001:db8::1", "2001:0:a00:1::", "100::1"),
        *("2002:a00:1::", "2002:7f00:1::", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::1"),
    ],
)
def test_addresses_of_anything_else(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


def test_the_address_of_a_host_must_be_public_unless_the_operator_named_the_host() -> None:
    rules = LinkRules(["inside.example.com", "localhost"])
    rules.check_address("account.blob.core.windows.net", 443, "20.150.38.228")
    rules.check_address("inside.example.com", 443, "10.0.0.1")
    rules.check_address("localhost", 443, "127.0.0.1")
    rules.check_address("localhost", 443, "::1")
    for host, address in (
        ("account.blob.core.windows.net", "10.0.0.1"),
        ("account.blob.core.windows.net", "fe80::1%eth0"),
        ("account.blob.core.windows.net", "not an address"),
        ("localhost", "10.0.0.1"),
        ("localhost", "8.8.8.8"),
    ):
        with pytest.raises(DownloadRefused):
            rules.check_address(host, 443, address)
