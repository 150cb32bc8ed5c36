"""``python -m bot doctor``: checks every setting and everything it points to, and says what to do."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from bot.app import open_bot, open_resources
from bot.errors import (
    AccessDenied,
    ArchiveError,
    DeploymentBusy,
    DeploymentMissing,
    GenerationError,
    ResourceBlocked,
    ServiceUnreachable,
    StoreUnavailable,
    TokenUnavailable,
)
from bot.generation.models import load_models
from bot.generation.prices import load_prices
from bot.generation.rate_limiter import RateHint
from bot.limits.windows import windows_at
from bot.runtime.findings import Finding
from bot.storage.database import open_database
from bot.storage.former_workflows import remains
from bot.storage.schema import VERSION
from bot.storage.upgrade import stored_version
from bot.telemetry.clock import now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.archive.store import Archive
    from bot.config.settings import Settings
    from bot.generation.azure import AzureImages
    from bot.generation.deployments import Deployment
    from bot.limits.counters import Count
    from bot.services import Store

PATIENCE = 45.0
"""Seconds one check may take."""

LITTLE_SPACE = 2**30
"""Bytes of free disk below which an operator should act: some 500 pictures of 2 MB."""

_ARCHIVE_ADVICE = "check ARCHIVE_URL, its permissions and, for a cloud store, its credentials"

_DATABASE_ADVICE = "check DATABASE_URL, the server or the folder it names, its free space and permissions"

_PRICE_ADVICE = "name its price in easel.toml, under [prices]"

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
    """Check everything once, without drawing a picture or registering anything."""
    count = len(settings.fleet.deployments)
    findings = [Finding("Settings", f"{count} deployments, archive {settings.archive_url}")]
    try:
        return findings + await _examine_parts(settings)
    except ArchiveError as error:
        # Nothing can be opened without the archive, so nothing else can be checked.
        return [*findings, Finding("Archive", str(error), _ARCHIVE_ADVICE)]


async def _examine_parts(settings: Settings) -> list[Finding]:
    async with (
        open_database(settings.database_url) as database,
        open_resources(settings) as resources,
        open_bot(settings, database, resources) as bot,
    ):
        findings = await bot.diagnose()
        findings += await _store(bot.services.store, settings)
        for deployment in settings.fleet.deployments:
            findings.append(await _deployment(resources.azure[deployment.resource], deployment))
        findings += _retirements(settings)
        findings += await _archive(resources.archive)
    return findings


async def _deployment(resource: AzureImages, deployment: Deployment) -> Finding:
    subject = f"Deployment {deployment.name} ({deployment.model})"
    hints = [RateHint()]
    try:
        async with asyncio.timeout(PATIENCE):
            await resource.probe(deployment, lambda headers: hints.append(RateHint.read(headers)))
    except DeploymentBusy:
        return Finding(subject, "reached, and busy at the moment; " + _pace(deployment, hints[-1].limit))
    except GenerationError as error:
        advice = next((text for kind, text in _ADVICE.items() if isinstance(error, kind)), "try again later")
        return Finding(subject, f"{type(error).__name__}: {error}", advice)
    except TimeoutError:
        return Finding(subject, f"no answer within {PATIENCE:.0f} s", _ADVICE[ServiceUnreachable])
    told = hints[-1].limit
    too_much = told is not None and (deployment.requests_per_minute or 0) > told
    return Finding(
        subject,
        "reached, and may be used; " + _pace(deployment, told),
        f"set requests_per_minute = {told:.0f}, or ask Azure for more" if too_much else "",
    )


def _pace(deployment: Deployment, told: float | None) -> str:
    """Say how many requests a minute a deployment takes, and who says so (``told``: Azure)."""
    configured = deployment.requests_per_minute
    yours = f"{configured} requests a minute by your settings" if configured else ""
    azures = f"{told:.0f} {'' if yours else 'requests a minute '}by Azure's word" if told else ""
    return ", ".join(filter(None, (yours, azures))) or "requests a minute are learned from Azure"


async def _store(store: Store, settings: Settings) -> list[Finding]:
    """Check the database and the money in it, and report the limits in force."""
    limits = ", ".join(f"{name} {value}" for name, value in settings.limits.defaults.to_json().items())
    caps = ", ".join(f"{name} {value}" for name, value in settings.limits.caps.to_json().items()) or "none"
    findings = [Finding("Limits", f"a new server starts with {limits}; caps over every server: {caps}")]
    try:
        async with asyncio.timeout(PATIENCE):
            version = await stored_version(settings.database_url)
            if version != VERSION:
                state = f"has tables of version {version}" if version else "is not made yet"
                return [*findings, Finding("Database", f"{state}; the next start sees to it")]
            await store.database.ping()
            count = await store.ledger.spent(windows_at(now(), "UTC").budget_month)
            differences = await store.ledger.audit()
            former = await store.database.read(remains)
    except (StoreUnavailable, TimeoutError) as error:
        return [*findings, Finding("Database", str(error) or "no answer in time", _DATABASE_ADVICE)]
    findings.append(Finding("Database", "reached, and its tables are up to date"))
    if former:
        detail = f"of the version before; nothing reads them any more; remove {former}"
        findings.append(Finding("Workflow tables", detail))
    if differences:
        advice = "stop the bot and restore a backup, or report this: it must not happen"
        findings.append(Finding("Ledger", f"{len(differences)} counts differ from their entries", advice))
    findings.append(_budget(count, settings.limits.budget))
    prices = load_prices(settings.prices)
    findings += [
        Finding(
            "Price", f"{model} is not in the price list, so it counts as the dearest model", _PRICE_ADVICE
        )
        for model in settings.fleet.models
        if not prices.priced(model)
    ]
    return findings


def _budget(count: Count, budget: int) -> Finding:
    used, held, limit = (amount / 1_000_000 for amount in (count.used, count.held, budget))
    detail = f"${used:.2f} of ${limit:.2f} used this month, ${held:.2f} held for requests under way"
    advice = "raise dollars_per_month in [limits.operator] of easel.toml, or wait for the next month"
    return Finding("Budget", detail, advice if count.taken >= budget else "")


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
    """Render the findings as lines for people, or as JSON for programs."""
    if as_json:
        return json.dumps([{**asdict(finding), "ok": finding.ok} for finding in findings], indent=2)
    lines = []
    for finding in findings:
        lines.append(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.subject}: {finding.detail}")
        if finding.advice:
            lines.append(f"      → {finding.advice}")
    return "\n".join(lines)
