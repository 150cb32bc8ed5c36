from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.config.environment import ENDPOINT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.config.environment import Environment

TABLE = """
[[deployments]]
name = "art"
model = "gpt-image-2"
endpoint = "https://one.openai.azure.com"
"""


# --- deployments ----------------------------------------------------------------------------------


def test_deployments_are_pairs_and_the_first_is_the_default(env: Environment) -> None:
    fleet = env.load(AZURE_OPENAI_DEPLOYMENTS=" art = gpt-image-2 ,sketch=gpt-image-1-mini,").fleet
    pairs = [(deployment.name, deployment.model) for deployment in fleet.deployments]
    assert pairs == [("art", "gpt-image-2"), ("sketch", "gpt-image-1-mini")]
    assert fleet.default_model == "gpt-image-2"


def test_a_deployment_without_a_model_serves_the_model_of_its_name(env: Environment) -> None:
    (deployment,) = env.load(AZURE_OPENAI_DEPLOYMENTS="gpt-image-2").fleet.deployments
    assert (deployment.name, deployment.model) == ("gpt-image-2", "gpt-image-2")


def test_pairs_share_one_resource_and_so_one_connection_pool(env: Environment) -> None:
    one, other = env.load(AZURE_OPENAI_DEPLOYMENTS="a=gpt-image-2,b=gpt-image-1-mini").fleet.deployments
    assert one.resource == other.resource


def test_every_half_pair_is_named(env: Environment) -> None:
    problems = env.problems(AZURE_OPENAI_DEPLOYMENTS="=gpt-image-2,art=,sketch=gpt-image-1-mini,=")
    assert len(problems) == 3
    assert all(problem.startswith("AZURE_OPENAI_DEPLOYMENTS: ") for problem in problems)
    assert "'art='" in problems[1]


@pytest.mark.parametrize("value", ["", " ", ",", " , ,"])
def test_a_list_of_no_deployments_is_a_missing_setting(env: Environment, value: str) -> None:
    (problem,) = env.problems(AZURE_OPENAI_DEPLOYMENTS=value)
    assert problem.startswith("AZURE_OPENAI_DEPLOYMENTS: required")


# --- easel.toml -----------------------------------------------------------------------------------


def test_a_config_file_replaces_the_deployments_of_the_environment(env: Environment) -> None:
    env.write(
        TABLE
        + """
        priority = 2
        requests_per_minute = 6
        weight = 3
        [[deployments]]
        name = "spare"
        model = "gpt-image-2"
        endpoint = "https://two.openai.azure.com/openai/v1/"
        api_key_env = "SPARE_KEY"
        slots = 4
        [limits.default]
        images_per_day = 20
        [limits.operator]
        dollars_per_month = 500
        """
    )
    settings = env.load(SPARE_KEY="spare-key", AZURE_OPENAI_API_KEY="not-for-these")
    art, spare = settings.fleet.deployments
    assert (art.name, art.priority, art.resource.endpoint) == ("art", 2, "https://one.openai.azure.com")
    assert art.resource.api_key == ""
    assert (art.requests_per_minute, art.weight, art.slots) == (6, 3, None)
    assert (spare.name, spare.priority) == ("spare", 1)
    assert (spare.requests_per_minute, spare.weight, spare.slots) == (None, 1, 4)
    assert (spare.resource.endpoint, spare.resource.api_key) == ("https://two.openai.azure.com", "spare-key")
    assert settings.fleet.serving("gpt-image-2") == (spare, art)
    assert settings.secrets == {"made-up-token", "spare-key"}
    assert "spare-key" not in repr(settings)


def test_the_least_a_deployment_may_say_of_itself_is_taken(env: Environment) -> None:
    env.write(TABLE + "requests_per_minute = 1\npriority = 1\nweight = 1\nslots = 1\n")
    assert env.load().fleet.deployments[0].priority == 1


@pytest.mark.parametrize("name", ["requests_per_minute", "priority", "weight", "slots"])
def test_nothing_is_no_number_of_requests_priority_weight_or_slots(env: Environment, name: str) -> None:
    env.write(f"{TABLE}{name} = 0\n")
    (problem,) = env.problems()
    assert problem.startswith(f"easel.toml: deployments.0.{name}: ")


def test_a_config_file_with_deployments_needs_nothing_of_azure_in_the_environment(env: Environment) -> None:
    env.write(TABLE)
    settings = env.load(AZURE_OPENAI_ENDPOINT=None, AZURE_OPENAI_DEPLOYMENTS=None)
    assert [deployment.name for deployment in settings.fleet.deployments] == ["art"]


def test_a_config_file_of_limits_alone_leaves_the_deployments_to_the_environment(env: Environment) -> None:
    env.write("[limits.default]\nimages_per_day = 20\n")
    assert env.load().fleet.deployments[0].resource.endpoint == ENDPOINT


def test_a_limit_can_be_a_default_and_a_cap_of_every_server(env: Environment) -> None:
    env.write("[limits.default]\nmax_prompt_length = 500\n[limits.operator]\nmax_prompt_length = 2000\n")
    limits = env.load().limits
    assert limits.defaults.max_prompt_length == 500
    assert limits.caps.max_prompt_length == 2000
    env.write("[limits.operator]\nmax_prompt_length = 0\n")
    (problem,) = env.problems()
    assert problem == "easel.toml: limits.operator.max_prompt_length: out of range; right would be 1 to 32000"


def test_another_config_file_can_be_named(env: Environment) -> None:
    env.write("this is not read")
    env.write(TABLE, "fleet.toml")
    assert env.load(EASEL_CONFIG="fleet.toml").fleet.deployments[0].name == "art"


def test_without_a_config_file_nothing_is_missed(env: Environment) -> None:
    assert env.load().fleet.default_model == "gpt-image-2"


def test_a_config_file_that_was_named_must_be_there(env: Environment) -> None:
    (problem,) = env.problems(EASEL_CONFIG="gone.toml")
    assert problem.startswith("EASEL_CONFIG: ")
    assert "gone.toml" in problem


def test_a_folder_is_no_config_file(env: Environment) -> None:
    (problem,) = env.problems(EASEL_CONFIG=".")
    assert problem.startswith("EASEL_CONFIG: ")


@pytest.mark.parametrize("text", ["deployments = [", "[[deployments]\n", "name: art"])
def test_a_broken_config_file_is_one_line_with_the_place(env: Environment, text: str) -> None:
    env.write(text)
    (problem,) = env.problems()
    assert problem.startswith("easel.toml: not valid TOML")
    assert "line" in problem or "end of" in problem


def test_a_config_file_in_another_encoding_is_one_line(env: Environment, tmp_path: Path) -> None:
    (tmp_path / "easel.toml").write_bytes(b'name = "\xe9"')
    (problem,) = env.problems()
    assert problem.startswith("easel.toml: ")


def test_every_mistake_in_a_config_file_is_named_by_its_place(env: Environment) -> None:
    env.write(
        TABLE
        + """
        requests_per_minutes = 6
        [[deployments]]
        name = ""
        endpoint = "http://example.com"
        priority = 0
        [limit]
        """
    )
    problems = env.problems()
    assert {problem.split(": ")[1] for problem in problems} == {
        "deployments.0.requests_per_minutes",
        "deployments.1.name",
        "deployments.1.model",
        "deployments.1.endpoint",
        "deployments.1.priority",
        "limit",
    }


def test_a_key_that_a_config_file_names_must_be_set(env: Environment) -> None:
    env.write(TABLE + 'api_key_env = "ART_KEY"\n')
    (problem,) = env.problems(ART_KEY="")
    assert problem.startswith("ART_KEY: required")
    assert "art" in problem
