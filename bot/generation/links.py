"""Which links to pictures may be followed, and which addresses may be reached through them.

Anyone who can make Azure's answer point elsewhere than Azure's storage could make the bot fetch from
inside its own network. So a link is checked as text before anything is sent, and the address its host
resolves to is checked before a connection is made (``downloads`` does both, for every redirect).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeAlias

from yarl import URL

from bot.errors import DownloadRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

_BLOB_HOST = re.compile(r"[a-z0-9-]{3,63}\.blob\.core\.(windows\.net|chinacloudapi\.cn|usgovcloudapi\.net)")
"""One storage account's blobs, in Azure's public, Chinese and US government clouds.

Source: "Storage account overview" and the endpoint tables of Azure's sovereign clouds.
"""

_BRACKETED = re.compile(r"\[([0-9a-f:.]+)\](?::(.*))?")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")

_LINK = re.compile(r"[!-~]{1,4096}")
"""A link with a shared access signature has some 500 characters; aiohttp's own limit is 8,190."""

_HTTPS_PORT = 443

_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_6TO4 = ipaddress.IPv6Network("2002::/16")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

_AZURE_PLATFORM = ipaddress.IPv4Address("168.63.129.16")
"""Looks public, but is the host's own control channel on every Azure machine.

Source: Azure documentation, "What is IP address 168.63.129.16?"
"""

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class NamedHost:
    """A host that the operator allows by name; ``port`` None means any."""

    host: str
    port: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``host``, ``host:port``, ``[IPv6]`` or ``[IPv6]:port``.

        Raises:
            ValueError: with one sentence for the operator.
        """
        name, port = text.strip().lower(), ""
        bracketed = _BRACKETED.fullmatch(name)
        if bracketed:
            name, port = bracketed[1], bracketed[2] or ""
        elif name.count(":") == 1:
            name, _, port = name.partition(":")
        address = _address(name)
        if address is None and (bracketed or not _HOST.fullmatch(name)):
            raise ValueError(f"{text.strip()!r} is no host; write example.com or example.com:8443")
        if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 2**16):
            raise ValueError(f"{text.strip()!r} has no port from 1 to 65535 after its host")
        return cls(str(address or name), int(port) if port else None)


class LinkRules:
    """The rules, with the hosts an operator allows besides Azure Blob Storage.

    Raises:
        ValueError: one of ``allowed_hosts`` is no host (see ``NamedHost.parse``).
    """

    def __init__(self, allowed_hosts: Iterable[str] = ()) -> None:
        self._named = frozenset(NamedHost.parse(text) for text in allowed_hosts)

    def check(self, link: str) -> URL:
        """Check a link as text; return it parsed, but not re-quoted, because that breaks signatures.

        Raises:
            DownloadRefused: with the reason, which never quotes more of the link than its host.
        """
        url = _parsed(link)
        host, port = url.raw_host or "", url.port
        if url.raw_user is not None or url.raw_password is not None:
            raise DownloadRefused(f"the link to {host} carries a user name")
        named = self.is_named(host, port)
        if url.scheme == "http":
            if not (named and is_loopback(host)):
                raise DownloadRefused(f"the link to {host} is http, not https")
        elif url.scheme != "https":
            raise DownloadRefused("the link is not https")
        if not named and not _BLOB_HOST.fullmatch(host):
            raise DownloadRefused(f"{host} is not Azure Blob Storage, nor an allowed host")
        if not named and port != _HTTPS_PORT:
            raise DownloadRefused(f"the link to {host} goes to port {port}")
        return url

    def check_address(self, host: str, port: int, address: str) -> None:
        """Check the address that a host was resolved to.

        A host the operator named may be anywhere, except that localhost must be this machine.

        Raises:
            DownloadRefused: the address is not on the public internet.
        """
        found = _address(address)
        if self.is_named(host, port):
            if host == "localhost" and not (found and found.is_loopback):
                raise DownloadRefused("localhost is not this machine")
        elif found is None or not is_public(found):
            raise DownloadRefused(f"{host} has the address {address}, which is not public")

    def is_named(self, host: str, port: int | None) -> bool:
        """Tell whether the operator named this host, for this port or for any."""
        return not self._named.isdisjoint((NamedHost(host), NamedHost(host, port)))


def is_public(address: Address) -> bool:
    """Tell whether an address is on the public internet; one that wraps an IPv4 address counts as that."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast and address != _AZURE_PLATFORM
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in _6TO4:
        return is_public(ipaddress.IPv4Address(int(address) >> 80 & 0xFFFF_FFFF))
    if address in _NAT64:
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    # ``is_global`` alone accepts anything that no registry reserves, such as ::127.0.0.1 or fec0::1.
    return address in _GLOBAL_V6 and address.is_global


def _parsed(link: str) -> URL:
    if not _LINK.fullmatch(link):
        raise DownloadRefused("the link is no URL")
    try:
        url = URL(link, encoded=True).with_fragment(None)
        host = (url.raw_host or "").lower()
        if not _HOST.fullmatch(host):
            host = str(ipaddress.ip_address(host))
        return url.with_host(host)
    except ValueError:
        # Without its cause, whose text may quote the signature.
        raise DownloadRefused("the link is no URL with a legal host") from None


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Tell whether a host, a name or an address, is this machine by definition."""
    address = _address(host)
    return address.is_loopback if address else host == "localhost"
