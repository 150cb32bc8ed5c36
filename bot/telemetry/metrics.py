"""Numbers for Prometheus. One ``Metrics`` is made at start and passed to all code that counts something."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_ACKNOWLEDGE = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
_GENERATION = (1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0)
_DELIVERY = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Upper bounds in seconds.

An acknowledgement later than 3 s is lost (Discord's limit); a generation takes 10 to 60 s and is abandoned
after 180 s by default; a delivery is an upload of some megabytes.
"""


class Metrics:
    """All of Easel's metrics, in a registry of their own, so that two instances count separately.

    Labels take values from short lists only (commands, deployments, error classes), never an id: each
    value becomes a time series that is never dropped.
    """

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.commands = Counter(
            "easel_commands", "Commands and other interactions received.", ["command"], registry=registry
        )
        self.acknowledge_seconds = Histogram(
            "easel_acknowledge_seconds",
            "From a command to its acknowledgement, the look at the limits included.",
            buckets=_ACKNOWLEDGE,
            registry=registry,
        )
        self.generation_seconds = Histogram(
            "easel_generation_seconds",
            "One call of an image deployment, successful or not.",
            ["deployment"],
            buckets=_GENERATION,
            registry=registry,
        )
        self.generation_failures = Counter(
            "easel_generation_failures", "Calls that gave no picture.", ["reason"], registry=registry
        )
        self.deployment_health = Gauge(
            "easel_deployment_health",
            "1 for the state a deployment is in, 0 for the others: healthy, cooling, open, blocked.",
            ["deployment", "state"],
            registry=registry,
        )
        self.deployment_calls = Gauge(
            "easel_deployment_calls", "Calls of a deployment under way.", ["deployment"], registry=registry
        )
        self.deployment_requests_per_minute = Gauge(
            "easel_deployment_requests_per_minute",
            "What a deployment takes, as far as known; NaN while nobody has said.",
            ["deployment"],
            registry=registry,
        )
        self.delivery_seconds = Histogram(
            "easel_delivery_seconds",
            "From pictures in hand to the finished message.",
            buckets=_DELIVERY,
            registry=registry,
        )
        self.pictures = Counter("easel_pictures", "Pictures delivered.", registry=registry)
        self.refusals = Counter(
            "easel_refusals", "Requests not taken, by the error's name.", ["reason"], registry=registry
        )
        self.budget_dollars = Gauge(
            "easel_budget_dollars",
            "The operator's budget this month, in US dollars: used, held for requests under way, limit.",
            ["state"],
            registry=registry,
        )
        self.unended_jobs = Gauge(
            "easel_unended_jobs",
            "Jobs whose end waits for the database to come back.",
            registry=registry,
        )
        self.token_refreshes = Counter(
            "easel_token_refreshes", "Requests for an Entra ID token.", ["outcome"], registry=registry
        )
        self.jobs = Gauge("easel_jobs", "Jobs begun and not finished.", registry=registry)
        self.jobs_waiting = Gauge(
            "easel_jobs_waiting", "Those of them that wait for their turn to be drawn.", registry=registry
        )
        self.jobs_resumed = Counter(
            "easel_jobs_resumed", "Jobs gone on with after a crash or a restart.", registry=registry
        )
        self.gateway_latency_seconds = Gauge(
            "easel_gateway_latency_seconds", "Latest heartbeat's round trip to Discord.", registry=registry
        )
        self.loop_stall_seconds_max = Gauge(
            "easel_loop_stall_seconds_max",
            "Longest stall of the event loop since the start.",
            registry=registry,
        )

    def render(self) -> bytes:
        """Return all metrics in Prometheus's text format, to be served as ``CONTENT_TYPE``."""
        return generate_latest(self._registry)
