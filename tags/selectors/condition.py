from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Exists, OuterRef, Q, Subquery

from contacts.cleaning.errors import shown
from contacts.rules.errors import RuleError
from contacts.rules.nodes import Condition, Dependency
from contacts.rules.sentences import alternatives
from contacts.rules.source import Source, text_of, words
from contacts.rules.world import World
from tags.models import Tag, TagAssignment
from tags.names import tag_key

OPERATORS = ("has_any", "has_all", "has_none")


@dataclass(frozen=True, slots=True)
class Tagged(Condition):
    """{"type": "tag", "operator": "has_any" | "has_all" | "has_none", "values": ["VIP"]}"""

    operator: str
    names: tuple[str, ...]

    kind = "tag"

    def _ids(self, world: World) -> list[int]:
        """The tags' ids; one that is gone has no assignment, as 0 has none."""
        known = world.vocabulary("tags")
        return [known.get(tag_key(name), (0, ""))[0] for name in self.names]

    def holds(self, world: World) -> Any:
        ids = self._ids(world)
        if self.operator == "has_all":
            return Q(*(_has([pk], world) for pk in dict.fromkeys(ids)))
        return _has(ids, world) if self.operator == "has_any" else ~_has(ids, world)

    def fails(self, world: World) -> Any:
        return ~Q(self.holds(world)) if self.operator == "has_all" else ~self.holds(world)

    def depends_on(self, world: World) -> Iterable[Dependency]:
        mine = frozenset(self._ids(world))
        return Dependency("tag_added", mine), Dependency("tag_removed", mine)

    def sentence(self, world: World) -> str:
        known = world.vocabulary("tags")
        names = [known.get(tag_key(name), (0, name))[1] for name in self.names]
        if self.operator == "has_all":
            return f"has the {'tag' if len(names) == 1 else 'tags'} {' and '.join(names)}"
        verb = "has the tag" if self.operator == "has_any" else "does not have the tag"
        return f"{verb} {alternatives(names)}"

    def shown(self, world: World) -> Any:
        """All tags that they have: which of them is meant is in the sentence."""
        mine = TagAssignment.objects.filter(contact=OuterRef("pk"))
        names = mine.order_by().values("contact_id").annotate(names=ArrayAgg("tag__name"))
        return Subquery(names.values("names"))


def _has(ids: list[int], world: World) -> Exists:
    mine = TagAssignment.objects.filter(world.about("contact_id"), contact=OuterRef("pk"))
    return Exists(mine.filter(tag_id=ids[0]) if len(ids) == 1 else mine.filter(tag_id__in=ids))


def tag_vocabulary() -> dict[str, tuple[int, str]]:
    """Tags' ids and names by their keys."""
    rows = Tag.objects.values_list("name_key", "pk", "name")
    return {key: (pk, name) for key, pk, name in rows}


MOST_TAGS = 100


def tagged_read(source: Source) -> Tagged:
    source.only("operator", "values")
    operator = source.choice("operator", OPERATORS)
    items = source.listed("values", most=MOST_TAGS)
    return Tagged(operator, tuple(_known(*item, source) for item in items))


def _known(value: Any, path: str, source: Source) -> str:
    name, known = text_of(value, path), source.world.vocabulary("tags")
    if tag_key(name) not in known:
        some = words([tag for _, tag in known.values()], 10)
        raise RuleError(path, "unknown_tag", f"There is no tag {shown(name)}. There are: {some}.")
    return name
