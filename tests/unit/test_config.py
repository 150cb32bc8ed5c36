from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.config import ConfigurationError, Settings, load_settings

if TYPE_CHECKING:
    from pathlib import Path

ENDPOINT = "https://example.openai.azure.com"
ENOUGH = {
    "DISCORD_TOKEN": "made-up-token",
    "AZURE_OPENAI_ENDPOINT": ENDPOINT,
    "AZURE_OPENAI_DEPLOYMENTS": "art=gpt-image-2",
}
TABLE = """
[[deployments]]
name = "art"
model = "gpt-image-2"
endpoint = "https://one.openai.azure.com"
"""


class Environment:
    """The variables and the folder that settings are read from."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._monkeypatch = monkeypatch
        self._folder = folder

    def load(self, **variables: str | None) -> Settings:
        """The settings of ``ENOUGH`` and ``variables``; None takes one of ``ENOUGH`` away."""
        for name, value in {**ENOUGH, **variables}.items():
            if value is not None:
                self._monkeypatch.setenv(name, value)
        return load_settings()

    def problems(self, **variables: str | None) -> list[str]:
        with pytest.raises(ConfigurationError) as raised:
            self.load(**variables)
        assert all("\n" not in problem for problem in raised.value.problems)
        return raised.value.problems

    def write(self, text: str, name: str = "easel.toml") -> None:
        (self._folder / name).write_text(text, encoding="utf-8")


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Environment:
    monkeypatch.chdir(tmp_path)
    for name in ("ARCHIVE_URL", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return Environment(monkeypatch, tmp_path)


# --- what an operator gets without asking -------------------------------------------------------


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


# --- the seed guide's names ---------------------------------------------------------------------


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


@pytest.mark.parametrize("version", ["2025-04-01-preview", "2025-04-01", "2026-01-01-preview", "v1", "preview"])
def test_a_version_with_gpt_image_models_is_taken(env: Environment, version: str) -> None:
    settings = env.load(AZURE_OPENAI_API_VERSION=version)
    assert settings.fleet.deployments[0].resource.api_version == version


@pytest.mark.parametrize("version", ["latest", "2025-04", "2025-13-45-preview", "v2", "2025-04-01-beta"])
def test_what_is_no_version_is_refused(env: Environment, version: str) -> None:
    (problem,) = env.problems(AZURE_OPENAI_API_VERSION=version)
    assert problem.startswith("AZURE_OPENAI_API_VERSION: ")


# --- problems -----------------------------------------------------------------------------------


def test_an_empty_environment_names_everything_that_is_required_at_once(env: Environment) -> None:
    problems = env.problems(
        DISCORD_TOKEN=None, AZURE_OPENAI_ENDPOINT=None, AZURE_OPENAI_DEPLOYMENTS=None
    )
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
    named = ("DISCORD_TOKEN", "AZURE_OPENAI_API_VERSION", "EASEL_HTTP_PORT", "fleet.toml", "EASEL_SHARD_COUNT")
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


# --- endpoints ----------------------------------------------------------------------------------


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


# --- deployments --------------------------------------------------------------------------------


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


# --- easel.toml ---------------------------------------------------------------------------------


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
    assert (spare.name, spare.priority) == ("spare", 1)
    assert (spare.resource.endpoint, spare.resource.api_key) == ("https://two.openai.azure.com", "spare-key")
    assert settings.fleet.serving("gpt-image-2") == (spare, art)
    assert settings.secrets == {"made-up-token", "spare-key"}
    assert "spare-key" not in repr(settings)


def test_a_config_file_with_deployments_needs_nothing_of_azure_in_the_environment(env: Environment) -> None:
    env.write(TABLE)
    settings = env.load(AZURE_OPENAI_ENDPOINT=None, AZURE_OPENAI_DEPLOYMENTS=None)
    assert [deployment.name for deployment in settings.fleet.deployments] == ["art"]


def test_a_config_file_of_limits_alone_leaves_the_deployments_to_the_environment(env: Environment) -> None:
    env.write("[limits.default]\nimages_per_day = 20\n")
    assert env.load().fleet.deployments[0].resource.endpoint == ENDPOINT


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


# --- shards -------------------------------------------------------------------------------------


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
