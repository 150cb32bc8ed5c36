"""``python -m bot doctor``: checks every setting and everything it points to, and says what to do."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from bot.app import open_bot
from bot.errors import (
    AccessDenied,
    ArchiveError,
    DeploymentBusy,
    DeploymentMissing,
    GenerationError,
    ResourceBlocked,
    ServiceUnreachable,
    TokenUnavailable,
)
from bot.findings import Finding
from bot.generation.models import load_models

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.archive.store import Archive
    from bot.config import Settings
    from bot.generation.azure import AzureImages
    from bot.generation.deployments import Deployment

PATIENCE = 45.0
"""Seconds one check may take."""

LITTLE_SPACE = 2**30
"""Bytes of free disk below which an operator should act: some 500 pictures of 2 MB."""

_ARCHIVE_ADVICE = "check ARCHIVE_URL, its permissions and, for a cloud store, its credentials"

_ADVICE: dict[type[GenerationError], str] = {
    TokenUnavailable: "use a managed identity, AZURE_CLIENT_ID and its kin, or `az login`; or set a key",
    AccessDenied: "check the key, or give the identity the role Cognitive Services OpenAI User"
    " (a new role takes about 5 minutes); with several tenants check AZURE_OPENAI_SCOPE",
    DeploymentMissing: "compare AZURE_OPENAI_DEPLOYMENTS with the deployments in the Foundry portal, and"
    " AZURE_OPENAI_API_VERSION with .env.example (a new deployment takes some minutes)",
    ResourceBlocked: "Azure blocked the resource for its users' prompts; ask Microsoft's support",
    ServiceUnreachable: "check AZURE_OPENAI_ENDPOINT, DNS, SSL_CERT_FILE, the firewall and network rules",
}


async def examine(settings: Settings) -> list[Finding]:
    """Check everything once; draws no picture and registers nothing."""
    count = len(settings.fleet.deployments)
    findings = [Finding("Settings", f"{count} deployments, archive {settings.archive_url}")]
    try:
        return findings + await _examine_parts(settings)
    except ArchiveError as error:
        # Nothing can be opened without it, so nothing else can be said.
        return [*findings, Finding("Archive", str(error), _ARCHIVE_ADVICE)]


async def _examine_parts(settings: Settings) -> list[Finding]:
    async with open_bot(settings) as bot:
        findings = await bot.diagnose()
        for deployment in settings.fleet.deployments:
            findings.append(await _deployment(bot.services.resources[deployment.resource], deployment))
        findings += _retirements(settings)
        findings += await _archive(bot.services.archive)
    return findings


async def _deployment(resource: AzureImages, deployment: Deployment) -> Finding:
    subject = f"Deployment {deployment.name} ({deployment.model})"
    try:
        async with asyncio.timeout(PATIENCE):
            await resource.probe(deployment)
    except DeploymentBusy:
        return Finding(subject, "reached, and busy at the moment")
    except GenerationError as error:
        advice = next((text for kind, text in _ADVICE.items() if isinstance(error, kind)), "try again later")
        return Finding(subject, f"{type(error).__name__}: {error}", advice)
    except TimeoutError:
        return Finding(subject, f"no answer within {PATIENCE:.0f} s", _ADVICE[ServiceUnreachable])
    return Finding(subject, "reached, and may be used")


def _retirements(settings: Settings) -> list[Finding]:
    warnings = load_models().retirements(settings.fleet.deployments)
    return [Finding("Model", warning, "deploy another model in time") for warning in warnings]


async def _archive(archive: Archive) -> list[Finding]:
    try:
        async with asyncio.timeout(PATIENCE):
            await archive.probe()
            free = await archive.free_bytes()
    except (ArchiveError, TimeoutError) as error:
        return [Finding("Archive", str(error) or "no answer", _ARCHIVE_ADVICE)]
    findings = [Finding("Archive", "written, read and removed a test object")]
    if free is not None:
        advice = "free some disk space, or move the archive" if free < LITTLE_SPACE else ""
        findings.append(Finding("Disk", f"{free / 2**30:.1f} GiB free for the archive", advice))
    return findings


def render(findings: Sequence[Finding], *, as_json: bool) -> str:
    """The findings as lines for people, or as JSON for programs."""
    if as_json:
        return json.dumps([{**asdict(finding), "ok": finding.ok} for finding in findings], indent=2)
    lines = []
    for finding in findings:
        lines.append(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.subject}: {finding.detail}")
        if finding.advice:
            lines.append(f"      → {finding.advice}")
    return "\n".join(lines)
