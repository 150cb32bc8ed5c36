from __future__ import annotations

import pytest

from bot.errors import ModelNotOffered
from bot.generation.deployments import Deployment, Fleet, Resource


def resource(api_version: str = "2025-04-01-preview") -> Resource:
    return Resource("https://example.openai.azure.com", api_version, "scope", "made-up-key")


def fleet(*deployments: tuple[str, str, int]) -> Fleet:
    return Fleet(
        tuple(Deployment(name, model, resource(), priority) for name, model, priority in deployments)
    )


def test_the_first_deployment_s_model_is_the_default() -> None:
    assert fleet(("a", "mini", 9), ("b", "two", 1)).default_model == "mini"


def test_each_model_is_offered_once_in_the_order_written() -> None:
    assert fleet(("a", "two", 1), ("b", "mini", 1), ("c", "two", 1)).models == ("two", "mini")


def test_deployments_are_tried_by_priority_and_among_equals_as_written() -> None:
    found = fleet(("a", "two", 2), ("b", "two", 1), ("x", "mini", 1), ("c", "two", 1), ("d", "two", 2))
    assert [deployment.name for deployment in found.serving("two")] == ["b", "c", "a", "d"]


def test_a_deployment_is_called_by_its_name_and_among_namesakes_by_its_host_too() -> None:
    north, south = (
        Resource(f"https://{host}.openai.azure.com", "v1", "scope") for host in ("north", "south")
    )
    alone, first, second = (
        Deployment("alone", "two", north),
        Deployment("art", "two", north),
        Deployment("art", "two", south),
    )
    found = Fleet((alone, first, second, Deployment("art", "mini", south)))
    assert [found.label(deployment) for deployment in (alone, first, second)] == [
        "alone",
        "art@north.openai.azure.com",
        "art@south.openai.azure.com",
    ]


def test_one_deployment_listed_twice_has_no_namesake() -> None:
    found = fleet(("art", "two", 1), ("art", "mini", 1))
    assert [found.label(deployment) for deployment in found.deployments] == ["art", "art"]


def test_a_model_that_nothing_serves_is_not_offered_and_the_error_says_what_is() -> None:
    with pytest.raises(ModelNotOffered) as raised:
        fleet(("a", "two", 1), ("b", "mini", 1)).serving("one")
    assert raised.value.asked == "one"
    assert raised.value.offered == ("two", "mini")


@pytest.mark.parametrize(
    ("version", "uses"),
    [("v1", True), ("preview", True), ("2025-04-01-preview", False), ("2025-04-01", False)],
)
def test_only_the_versions_without_a_date_use_the_v1_route(version: str, uses: bool) -> None:
    assert resource(version).uses_v1 is uses


def test_a_key_does_not_show() -> None:
    assert "made-up-key" not in repr(fleet(("a", "two", 1)))


def test_resources_with_different_keys_are_different() -> None:
    assert resource() == resource()
    assert resource() != Resource("https://example.openai.azure.com", "2025-04-01-preview", "scope", "other")


def test_a_deployment_that_says_nothing_of_itself_has_an_equal_share_and_no_limit() -> None:
    (art,) = fleet(("art", "two", 1)).deployments
    assert (art.requests_per_minute, art.weight, art.slots) == (None, 1, None)
