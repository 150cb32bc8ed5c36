"""The real host names, answered for by this machine, and a bot that finds nothing else under them.

The bot is started in a mount namespace of its own, where /etc/hosts has the sandbox's address for every
name and no name server answers. Nothing in its settings says so: they are those of .env.example, filled in.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import ssl
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import trustme

from sandbox.server import PublicNames, Sandbox, SandboxOptions, open_sandbox
from tests.e2e.bot_process import BotProcess, clean_environment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping

    from sandbox.azure.options import AzureOptions

HTTPS, HEALTH = 443, 8080
"""The port all real hosts have, and the one .env.example gives the health server."""

DISCORD, GATEWAY, CDN = "discord.com", "gateway.discord.gg", "cdn.discordapp.com"
AZURE, BLOBS = "easel-art.openai.azure.com", "easelart.blob.core.windows.net"
ENTRA = "login.microsoftonline.com"
EVERY_HOST = (DISCORD, GATEWAY, CDN, AZURE, BLOBS, ENTRA)

REAL = PublicNames(
    api=f"https://{DISCORD}/api/v10",
    gateway=f"wss://{GATEWAY}",
    cdn=f"https://{CDN}",
    azure=f"https://{AZURE}",
    blobs=f"https://{BLOBS}",
)

TRUST = "SSL_CERT_FILE"
EXAMPLE = Path(__file__).parents[2] / ".env.example"

_IN_A_WORLD_OF_ITS_OWN = """
mount --bind "$1" /etc/hosts && mount --bind "$2" /etc/resolv.conf && shift 2 && exec "$@"
"""


def obstacle() -> str | None:
    """What keeps a bot from being started like this here, if anything."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return "needs the command unshare, which Linux has"
    if os.geteuid() != 0:
        return "needs root, for port 443 and for a mount namespace"
    for port in (HTTPS, HEALTH):
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError as error:
            return f"needs port {port}: {error.strerror}"
    return None


class Certificates:
    """Proves each host's name by a private authority that the bot is told of.

    Attributes:
        authority: That authority.
        disowned: Hosts that are proved by another authority instead, which nobody was told of.
    """

    def __init__(self) -> None:
        self.authority = trustme.CA()
        self.disowned: Collection[str] = ()
        self.server = _proof(self.authority)
        self._stranger = _proof(trustme.CA())
        self.server.sni_callback = self._choose

    def _choose(self, connection: ssl.SSLObject, host: str | None, _: ssl.SSLContext) -> None:
        if host in self.disowned:
            connection.context = self._stranger


def _proof(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*EVERY_HOST).configure_cert(context)
    return context


@asynccontextmanager
async def real_hosts(certificates: Certificates, azure: AzureOptions) -> AsyncIterator[Sandbox]:
    """Answer for every real host, on loopback."""
    options = SandboxOptions(port=HTTPS, ssl=certificates.server, public=REAL, azure=azure)
    async with open_sandbox(options) as sandbox:
        yield sandbox


def filled_in(example: str, values: Mapping[str, str]) -> str:
    """.env.example after an operator has filled in some of its lines, commented out or not.

    Raises:
        ValueError: it has no line for one of them, or several.
    """
    lines = example.splitlines()
    for name, value in values.items():
        (place,) = (n for n, line in enumerate(lines) if line.removeprefix("#").startswith(f"{name}="))
        lines[place] = f"{name}={value}"
    return "\n".join(lines)


@asynccontextmanager
async def running_among_real_hosts(
    sandbox: Sandbox, certificates: Certificates, directory: Path, values: Mapping[str, str]
) -> AsyncIterator[BotProcess]:
    """A bot as an operator starts it: .env.example filled in, and nothing else but ``SSL_CERT_FILE``.

    Args:
        sandbox: What answers under the real names.
        certificates: Whose authority ``SSL_CERT_FILE`` holds.
        directory: The bot's current folder.
        values: What else is filled in; with an empty ``SSL_CERT_FILE``, this one is as well, instead of being
            in the environment.
    """
    trusted = directory / "authority.pem"
    certificates.authority.cert_pem.write_to_path(trusted)
    values = {"DISCORD_TOKEN": sandbox.discord.options.token, "AZURE_OPENAI_ENDPOINT": REAL.azure, **values}
    environment = {TRUST: str(trusted)}
    if TRUST in values:
        values, environment = {**values, **environment}, {}
    (directory / ".env").write_text(filled_in(EXAMPLE.read_text(encoding="utf-8"), values), encoding="utf-8")
    bot = await _start(directory, environment)
    try:
        yield bot
    finally:
        await bot.stop()


async def _start(directory: Path, environment: Mapping[str, str]) -> BotProcess:
    hosts, names = directory / "hosts", directory / "resolv.conf"
    hosts.write_text(f"127.0.0.1 localhost {' '.join(EVERY_HOST)}\n", encoding="ascii")
    names.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n", encoding="ascii")
    environment = clean_environment(environment)
    del environment["EASEL_HTTP_PORT"]
    shell = ("unshare", "--mount", "sh", "-c", _IN_A_WORLD_OF_ITS_OWN, "sh", str(hosts), str(names))
    log = directory / "bot.log"
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *shell,
            *(sys.executable, "-m", "bot", "run"),
            cwd=directory,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
        )
    return BotProcess(process, directory, log)
