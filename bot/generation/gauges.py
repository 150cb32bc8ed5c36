"""Shows the health of the deployments in the metrics."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from bot.generation.deployment_state import State

if TYPE_CHECKING:
    from bot.generation.deployments import Deployment
    from bot.generation.router import Router
    from bot.telemetry.metrics import Metrics


def show_health(router: Router, metrics: Metrics) -> None:
    """Have the metrics ask ``router`` each time they are read."""
    for deployment in router.fleet.deployments:
        label = router.fleet.label(deployment)
        for state in State:
            health = metrics.deployment_health.labels(deployment=label, state=state.value)
            health.set_function(partial(_is_in, router, deployment, state))
        calls = metrics.deployment_calls.labels(deployment=label)
        calls.set_function(partial(_in_flight, router, deployment))
        rate = metrics.deployment_requests_per_minute.labels(deployment=label)
        rate.set_function(partial(_rate, router, deployment))


def _is_in(router: Router, deployment: Deployment, state: State) -> float:
    return float(router.health_of(deployment).state is state)


def _in_flight(router: Router, deployment: Deployment) -> float:
    return router.health_of(deployment).in_flight


def _rate(router: Router, deployment: Deployment) -> float:
    rate = router.health_of(deployment).rate
    return math.nan if rate is None else rate
