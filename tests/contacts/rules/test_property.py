"""Whatever rule of whatever world: the compiler means those whom the evaluator means."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contacts.rules.compiler import contacts_of
from contacts.rules.reading import rule_read
from contacts.rules.sentences import sentence_of
from contacts.rules.world import World
from organizations.models import Organization
from tests.contacts.rules.evaluator import Evaluator
from tests.contacts.rules.worlds import NOW, SmallWorld, rules, settle, worlds

RULES_A_WORLD = 12


class Undone(Exception):
    """Takes a world out of the database again."""


# (To shrink takes minutes; the world and the rule are in the message as they are.)
@settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(world=worlds, data=st.data())
@pytest.mark.slow
def test_the_compiler_means_whom_the_rules_mean(
    organization: Organization, world: SmallWorld, data: st.DataObject
) -> None:
    with pytest.raises(Undone), transaction.atomic():
        settle(world, organization)
        evaluator = Evaluator(world, NOW)
        for _ in range(RULES_A_WORLD):
            rule = data.draw(rules)
            wanted = evaluator.who(rule)
            compiled(rule, wanted, world)
        raise Undone


def compiled(rule: object, wanted: set[int], world: SmallWorld) -> None:
    """Both ways of asking, about everybody and about some, mean those who are wanted."""
    asked = World(NOW)
    node = rule_read(rule, world=asked)
    assert sentence_of(node, asked)
    found = set(contacts_of(node, asked).values_list("pk", flat=True))
    assert found == wanted, (rule, world)
    some = [person.pk for person in world.people[::2]]
    among = set(contacts_of(node, asked.of(some)).values_list("pk", flat=True))
    assert among == wanted & set(some), (rule, world)
    complement = rule_read({"not": rule}, world=asked)
    others = set(contacts_of(complement, asked).values_list("pk", flat=True))
    living = {person.pk for person in world.people if not person.is_deleted}
    assert others == living - wanted, (rule, world)
