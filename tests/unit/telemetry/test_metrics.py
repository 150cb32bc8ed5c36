from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from bot.telemetry.metrics import Metrics


def samples(metrics: Metrics) -> dict[str, float]:
    """Every sample by name and labels, e.g. ``easel_commands_total{imagine}``."""
    found = {}
    for family in text_string_to_metric_families(metrics.render().decode()):
        for sample in family.samples:
            labels = ",".join(sample.labels.values())
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def test_every_metric_shows_under_its_name() -> None:
    metrics = Metrics()
    metrics.commands.labels("imagine").inc()
    metrics.acknowledge_seconds.observe(0.02)
    metrics.generation_seconds.labels("studio").observe(12)
    metrics.generation_failures.labels("PromptRefused").inc()
    metrics.delivery_seconds.observe(0.3)
    metrics.pictures.inc(4)
    metrics.token_refreshes.labels("ok").inc()
    metrics.jobs.set(2)
    metrics.gateway_latency_seconds.set(0.04)
    metrics.loop_stall_seconds_max.set(0.01)
    found = samples(metrics)
    assert found["easel_commands_total{imagine}"] == 1
    assert found["easel_acknowledge_seconds_bucket{0.025}"] == 1
    assert found["easel_acknowledge_seconds_bucket{0.01}"] == 0
    assert found["easel_generation_seconds_sum{studio}"] == 12
    assert found["easel_generation_failures_total{PromptRefused}"] == 1
    assert found["easel_delivery_seconds_count"] == 1
    assert found["easel_pictures_total"] == 4
    assert found["easel_token_refreshes_total{ok}"] == 1
    assert found["easel_jobs"] == 2
    assert found["easel_gateway_latency_seconds"] == 0.04
    assert found["easel_loop_stall_seconds_max"] == 0.01
    assert found["process_resident_memory_bytes"] > 0


def test_two_instances_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.pictures.inc()
    assert samples(one)["easel_pictures_total"] == 1
    assert samples(other)["easel_pictures_total"] == 0
