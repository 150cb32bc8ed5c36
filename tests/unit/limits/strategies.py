"""Rules, policies and askers to try properties on; few ids, so that rules and askers meet."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from bot.generation.models import LEGACY_SIZES, POPULAR_SIZES, load_models
from bot.limits.policy import Asker, GuildPolicy
from bot.limits.rules import EVERYONE, FIELDS, PRIORITIES, Rule, Target, TargetKind
from bot.limits.values import WholeNumber
from bot.model import Quality

MODELS = load_models()
FLEET = (MODELS["gpt-image-2"], MODELS["gpt-image-1-mini"], MODELS["gpt-image-2.5-flare"], MODELS["other-1"])
"""Any size, listed sizes, more qualities, and one that is not known."""

WHOLE_RANGES = {
    name: field.kind.allowed for name, field in FIELDS.items() if isinstance(field.kind, WholeNumber)
}

GUILD = 1
MEMBER = 2
ROLES = (11, 12, 13)
CHANNELS = (21, 22)

names = st.sampled_from([model.name for model in FLEET])
sizes = st.sampled_from((*LEGACY_SIZES, *POPULAR_SIZES))
qualities = st.sampled_from([quality for quality in Quality if quality is not Quality.AUTO])
dollars = st.decimals(0, 1_000_000, places=6) | st.integers(0, 5).map(Decimal)


def rules(*, shared: bool = True) -> st.SearchStrategy[Rule]:
    """Rules within the ranges; ``shared``: with what is for all members together."""
    return st.builds(
        Rule,
        images_per_day=st.none() | st.integers(0, 9),
        images_per_week=st.none() | st.integers(0, 1_000_000),
        max_size=st.none() | sizes,
        max_quality=st.none() | qualities,
        max_count=st.none() | st.integers(1, 10),
        max_prompt_length=st.none() | st.integers(1, 32_000),
        models=st.none() | st.lists(names, min_size=1, unique=True).map(lambda found: tuple(sorted(found))),
        cooldown=st.none() | st.integers(0, 9),
        concurrent=st.none() | st.integers(1, 9),
        priority=st.none() | st.sampled_from(PRIORITIES),
        dollars_per_month=st.none() | dollars,
        server_concurrent=st.none() | st.integers(1, 9) if shared else st.none(),
        server_dollars_per_month=st.none() | dollars if shared else st.none(),
    )


targets = st.sampled_from(
    [
        EVERYONE,
        Target(TargetKind.MEMBER, MEMBER),
        *(Target(TargetKind.ROLE, role) for role in ROLES),
        *(Target(TargetKind.CHANNEL, channel) for channel in CHANNELS),
    ]
)

policies = st.dictionaries(targets, rules(), max_size=7).map(
    lambda found: GuildPolicy(GUILD, rules={target: rule for target, rule in found.items() if rule})
)

askers = st.builds(
    Asker,
    guild_id=st.just(GUILD),
    member_id=st.just(MEMBER),
    role_ids=st.frozensets(st.sampled_from((GUILD, *ROLES))),
    channel_ids=st.lists(st.sampled_from(CHANNELS), max_size=2, unique=True).map(tuple),
)
