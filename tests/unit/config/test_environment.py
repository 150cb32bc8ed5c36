from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.config.settings import ConfigurationError
from tests.unit.config.environment import ENDPOINT

if TYPE_CHECKING:
    from tests.unit.config.environment import Environment


# --- what an operator gets without asking ---------------------------------------------------------


def test_three_settings_are_enough_and_the_rest_have_the_documented_defaults(env: Environment) -> None:
    settings = env.load()
    (deployment,) = settings.fleet.deployments
    assert (deployment.name, deployment.model) == ("art", "gpt-image-2")
    assert deployment.resource.endpoint == ENDPOINT
    assert deployment.resource.api_key == ""
    assert deployment.resource.api_version == "2025-04-01-preview"
    assert deployment.resource.scope == "https://cognitiveservices.azure.com/.default"
    assert settings.archive_url == "file:images"
    assert (settings.http_host, settings.http_port) == ("127.0.0.1", 8080)
    assert settings.api_url == "https://discord.com/api/v10"
    assert settings.gateway_url == ""
    assert settings.download_hosts == ()
    assert (settings.shard_ids, settings.shard_count) == ((), None)
    assert settings.generation_timeout == 180
    assert settings.drain == 25
    assert settings.sync == "auto"
    assert settings.log == "text"


def test_every_optional_setting_is_read_from_its_variable(env: Environment) -> None:
    settings = env.load(
        AZURE_OPENAI_API_KEY="made-up-key",
        AZURE_OPENAI_SCOPE="https://ai.azure.com/.default",
        AZURE_OPENAI_API_VERSION="v1",
        ARCHIVE_URL="az://pictures",
        EASEL_HTTP_PORT="0",
        EASEL_HTTP_HOST="0.0.0.0",
        DISCORD_API_URL="http://127.0.0.1:8300/api/v10/",
        DISCORD_GATEWAY_URL="ws://127.0.0.1:8300/gateway",
        EASEL_DOWNLOAD_HOSTS=" one.example.com, 127.0.0.1 ,",
        EASEL_SHARD_IDS="0, 1",
        EASEL_SHARD_COUNT="4",
        EASEL_GENERATION_TIMEOUT="90.5",
        EASEL_DRAIN="0",
        EASEL_SYNC="always",
        EASEL_LOG="json",
    )
    resource = settings.fleet.deployments[0].resource
    assert resource.api_key == "made-up-key"
    assert resource.scope == "https://ai.azure.com/.default"
    assert resource.uses_v1
    assert settings.archive_url == "az://pictures"
    assert (settings.http_host, settings.http_port) == ("0.0.0.0", 0)
    assert settings.api_url == "http://127.0.0.1:8300/api/v10"
    assert settings.gateway_url == "ws://127.0.0.1:8300/gateway"
    assert settings.download_hosts == ("one.example.com", "127.0.0.1")
    assert (settings.shard_ids, settings.shard_count) == ((0, 1), 4)
    assert (settings.generation_timeout, settings.drain) == (90.5, 0)
    assert (settings.sync, settings.log) == ("always", "json")


def test_a_setting_left_empty_counts_as_not_set(env: Environment) -> None:
    settings = env.load(EASEL_HTTP_PORT="", EASEL_LOG="", DISCORD_GATEWAY_URL="", EASEL_SHARD_COUNT="")
    assert (settings.http_port, settings.log, settings.shard_count) == (8080, "text", None)


def test_the_word_bot_before_a_copied_token_is_dropped(env: Environment) -> None:
    assert env.load(DISCORD_TOKEN=" Bot made-up-token ").discord_token == "made-up-token"


# --- the seed guide's names -----------------------------------------------------------------------


def test_the_names_of_the_seed_guide_still_work(env: Environment) -> None:
    settings = env.load(
        AZURE_OPENAI_ENDPOINT=None,
        OPENAI_API_BASE=f"{ENDPOINT}/",
        OPENAI_API_KEY="old-key",
        OPENAI_API_VERSION="preview",
        OPENAI_API_TYPE="azure",
    )
    resource = settings.fleet.deployments[0].resource
    assert (resource.endpoint, resource.api_key, resource.api_version) == (ENDPOINT, "old-key", "preview")


def test_a_current_name_wins_over_the_seed_guides(env: Environment) -> None:
    settings = env.load(OPENAI_API_BASE="https://old.openai.azure.com", OPENAI_API_VERSION="v1")
    assert settings.fleet.deployments[0].resource.endpoint == ENDPOINT
    assert settings.fleet.deployments[0].resource.uses_v1


def test_an_empty_current_name_lets_the_seed_guides_through(env: Environment) -> None:
    settings = env.load(AZURE_OPENAI_ENDPOINT="", OPENAI_API_BASE="https://old.openai.azure.com")
    assert settings.fleet.deployments[0].resource.endpoint == "https://old.openai.azure.com"


def test_azure_ad_means_that_the_key_variable_holds_a_stale_token_which_is_not_used(env: Environment) -> None:
    settings = env.load(OPENAI_API_TYPE="azure_ad", OPENAI_API_KEY="stale-token")
    assert settings.fleet.deployments[0].resource.api_key == ""


def test_another_api_type_is_refused(env: Environment) -> None:
    (problem,) = env.problems(OPENAI_API_TYPE="open_ai")
    assert problem.startswith("OPENAI_API_TYPE: ")


@pytest.mark.parametrize(
    ("version", "retired"),
    [
        ("2023-06-01-preview", "2025-01-27"),
        ("2023-12-01-preview", "2025-01-27"),
        ("2024-02-01", "2026-03-04"),
        ("2025-03-01-preview", "2026-03-04"),
    ],
)
def test_a_version_of_the_dalle_days_is_told_when_its_model_was_retired_and_what_to_use(
    env: Environment, version: str, retired: str
) -> None:
    (problem,) = env.problems(OPENAI_API_VERSION=version)
    assert problem.startswith(f"OPENAI_API_VERSION: {version} ")
    assert retired in problem
    assert "2025-04-01-preview" in problem
    assert "gpt-image-2" in problem


@pytest.mark.parametrize(
    "version", ["2025-04-01-preview", "2025-04-01", "2026-01-01-preview", "v1", "preview"]
)
def test_a_version_with_gpt_image_models_is_taken(env: Environment, version: str) -> None:
    settings = env.load(AZURE_OPENAI_API_VERSION=version)
    assert settings.fleet.deployments[0].resource.api_version == version


@pytest.mark.parametrize("version", ["latest", "2025-04", "2025-13-45-preview", "v2", "2025-04-01-beta"])
def test_what_is_no_version_is_refused(env: Environment, version: str) -> None:
    (problem,) = env.problems(AZURE_OPENAI_API_VERSION=version)
    assert problem.startswith("AZURE_OPENAI_API_VERSION: ")


# --- problems -------------------------------------------------------------------------------------


def test_an_empty_environment_names_everything_that_is_required_at_once(env: Environment) -> None:
    problems = env.problems(DISCORD_TOKEN=None, AZURE_OPENAI_ENDPOINT=None, AZURE_OPENAI_DEPLOYMENTS=None)
    assert [problem.partition(":")[0] for problem in problems] == [
        "DISCORD_TOKEN",
        "AZURE_OPENAI_ENDPOINT",
        "AZURE_OPENAI_DEPLOYMENTS",
    ]
    assert all("required" in problem for problem in problems)


def test_problems_of_every_kind_are_reported_together(env: Environment) -> None:
    env.write("[[deployments]]\nname = 'art'\n", "fleet.toml")
    problems = env.problems(
        DISCORD_TOKEN=None,
        AZURE_OPENAI_API_VERSION="2023-06-01-preview",
        EASEL_CONFIG="fleet.toml",
        EASEL_HTTP_PORT="70000",
        EASEL_SHARD_IDS="0",
    )
    text = "\n".join(problems)
    named = (
        "DISCORD_TOKEN",
        "AZURE_OPENAI_API_VERSION",
        "EASEL_HTTP_PORT",
        "fleet.toml",
        "EASEL_SHARD_COUNT",
    )
    assert [name for name in named if name not in text] == []


def test_a_problem_names_the_variable_that_the_operator_wrote(env: Environment) -> None:
    (old,) = env.problems(AZURE_OPENAI_ENDPOINT=None, OPENAI_API_BASE="example")
    assert old.startswith("OPENAI_API_BASE: ")
    (current,) = env.problems(OPENAI_API_BASE="example", AZURE_OPENAI_ENDPOINT="example")
    assert current.startswith("AZURE_OPENAI_ENDPOINT: ")


def test_a_token_of_spaces_is_no_token(env: Environment) -> None:
    (problem,) = env.problems(DISCORD_TOKEN="   ")
    assert problem.startswith("DISCORD_TOKEN: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EASEL_HTTP_PORT", "-1"),
        ("EASEL_HTTP_PORT", "65536"),
        ("EASEL_HTTP_PORT", "http"),
        ("EASEL_GENERATION_TIMEOUT", "0"),
        ("EASEL_GENERATION_TIMEOUT", "601"),
        ("EASEL_GENERATION_TIMEOUT", "nan"),
        ("EASEL_DRAIN", "-1"),
        ("EASEL_DRAIN", "601"),
        ("EASEL_DRAIN", "inf"),
        ("EASEL_SYNC", "sometimes"),
        ("EASEL_LOG", "xml"),
        ("EASEL_SHARD_COUNT", "0"),
        ("EASEL_SHARD_IDS", "0,one"),
        ("ARCHIVE_URL", "ftp://example.com"),
        ("EASEL_DOWNLOAD_HOSTS", "example.com,https://example.com"),
        ("DISCORD_API_URL", "discord.com"),
        ("DISCORD_API_URL", "http://discord.com/api/v10"),
        ("DISCORD_GATEWAY_URL", "https://gateway.discord.gg"),
        ("DISCORD_GATEWAY_URL", "ws://gateway.discord.gg"),
    ],
)
def test_a_value_out_of_bounds_is_one_line_that_names_its_variable(
    env: Environment, name: str, value: str
) -> None:
    more = {"EASEL_SHARD_COUNT": "2"} if name == "EASEL_SHARD_IDS" else {}
    (problem,) = env.problems(**{**more, name: value})
    assert problem.startswith(name)


def test_the_bounds_themselves_are_taken(env: Environment) -> None:
    most = env.load(EASEL_HTTP_PORT="65535", EASEL_GENERATION_TIMEOUT="600", EASEL_DRAIN="600")
    assert (most.http_port, most.generation_timeout, most.drain) == (65535, 600, 600)
    assert env.load(EASEL_SHARD_COUNT="1", EASEL_SHARD_IDS="0").shard_count == 1


def test_no_secret_shows_in_a_problem_or_in_what_settings_print(env: Environment) -> None:
    settings = env.load(AZURE_OPENAI_API_KEY="made-up-key")
    assert "made-up" not in repr(settings)
    assert "made-up" not in str(settings)
    with pytest.raises(ConfigurationError) as raised:
        env.load(AZURE_OPENAI_API_KEY="made-up-key", AZURE_OPENAI_ENDPOINT="made-up-endpoint")
    assert "made-up" not in f"{raised.value} {raised.value.problems} {raised.value!r}"


def test_secrets_are_the_token_and_every_key_and_never_the_empty_word(env: Environment) -> None:
    assert env.load().secrets == {"made-up-token"}
    assert env.load(AZURE_OPENAI_API_KEY="made-up-key").secrets == {"made-up-token", "made-up-key"}


# --- endpoints ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (ENDPOINT, ENDPOINT),
        (f"{ENDPOINT}/", ENDPOINT),
        (f"{ENDPOINT}/openai", ENDPOINT),
        (f"{ENDPOINT}/openai/", ENDPOINT),
        (f"{ENDPOINT}/openai/v1", ENDPOINT),
        (f"{ENDPOINT}/openai/v1/", ENDPOINT),
        (f"  {ENDPOINT}  ", ENDPOINT),
        ("https://example.services.ai.azure.com", "https://example.services.ai.azure.com"),
        ("http://127.0.0.1:8300", "http://127.0.0.1:8300"),
        ("http://127.8.9.10", "http://127.8.9.10"),
        ("http://[::1]:8300/", "http://[::1]:8300"),
        ("http://localhost:8300", "http://localhost:8300"),
    ],
)
def test_an_endpoint_is_taken_in_every_form_the_portal_shows(
    env: Environment, typed: str, meant: str
) -> None:
    assert env.load(AZURE_OPENAI_ENDPOINT=typed).fleet.deployments[0].resource.endpoint == meant


@pytest.mark.parametrize(
    "typed",
    [
        "example.openai.azure.com",
        "https://",
        "https://[::1",
        "ftp://example.openai.azure.com",
        "http://example.openai.azure.com",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        f"{ENDPOINT}/openai/deployments/art/images/generations",
        f"{ENDPOINT}?api-version=2025-04-01-preview",
        f"{ENDPOINT}#keys",
        "https://member:word@example.openai.azure.com",
        "https://example.openai.azure.com:port",
    ],
)
def test_what_is_no_endpoint_is_refused_with_one_line(env: Environment, typed: str) -> None:
    (problem,) = env.problems(AZURE_OPENAI_ENDPOINT=typed)
    assert problem.startswith("AZURE_OPENAI_ENDPOINT: ")


def test_an_endpoint_of_spaces_is_a_missing_setting(env: Environment) -> None:
    (problem,) = env.problems(AZURE_OPENAI_ENDPOINT="  ")
    assert problem.startswith("AZURE_OPENAI_ENDPOINT: ")


# --- shards ---------------------------------------------------------------------------------------


def test_chosen_shards_need_to_know_of_how_many(env: Environment) -> None:
    (problem,) = env.problems(EASEL_SHARD_IDS="0,1")
    assert problem.startswith("EASEL_SHARD_COUNT: required")


def test_a_count_of_shards_alone_means_all_of_them(env: Environment) -> None:
    settings = env.load(EASEL_SHARD_COUNT="4")
    assert (settings.shard_ids, settings.shard_count) == ((), 4)


@pytest.mark.parametrize("ids", ["2", "0,2", "-1"])
def test_a_shard_beyond_the_count_is_refused(env: Environment, ids: str) -> None:
    (problem,) = env.problems(EASEL_SHARD_IDS=ids, EASEL_SHARD_COUNT="2")
    assert problem.startswith("EASEL_SHARD_IDS")
