from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim

from contacts.models import Contact, Relationship
from contacts.rules.compiler import holds
from contacts.rules.labels import label_in_sentence
from contacts.rules.nodes import Condition, Dependency, Node, conditions, knows_time, segments_of
from contacts.rules.sentences import clause_of
from contacts.rules.source import Source
from contacts.rules.world import World

SHOWN = 5
# As `Contact.display_name` has it.
RELATED_NAME = Coalesce(
    NullIf(
        Trim(Concat("related_contact__first_name", Value(" "), "related_contact__last_name")),
        Value(""),
    ),
    "related_contact__company_name",
    "related_contact__email",
    "related_contact__phone",
)


@dataclass(frozen=True, slots=True)
class Related(Condition):
    """{"type": "relationship", "relationship_type": "company", "related": node}

    Is related in this way to a living contact of whom the node holds; without a node, to any.
    """

    relationship_type: str
    related: Node | None

    kind = "relationship"

    def shown(self, world: World) -> Any:
        """The names of those to whom they are related in this way, the first few."""
        related = Relationship.objects.filter(
            contact=OuterRef("pk"),
            relationship_type=self.relationship_type,
            related_contact__deleted_at=None,
        )
        return ArraySubquery(related.order_by("pk").values_list(RELATED_NAME)[:SHOWN])

    def holds(self, world: World) -> Any:
        return Exists(self._relationships(world))

    def _relationships(self, world: World) -> Any:
        # Whom they are related to, only theirs where some contacts are in question.
        relations = Relationship.objects.filter(
            world.about("contact_id"), relationship_type=self.relationship_type
        )
        inner = world if world.among is None else world.of(relations.values("related_contact_id"))
        related = Contact.objects.filter(inner.about("pk"), pk=OuterRef("related_contact_id"))
        if self.related is not None:
            related = related.filter(holds(self.related, inner))
        return relations.filter(Exists(related), contact=OuterRef("pk"))

    def depends_on(self, world: World) -> Iterable[Dependency]:
        yield Dependency("relationships")
        # Only the living count.
        for kind in ("created", "deleted", "restored"):
            yield Dependency(kind, hops=1)
        for each in conditions(self.related) if self.related is not None else ():
            for dependency in each.depends_on(world):
                yield replace(dependency, hops=dependency.hops + 1)

    @property
    def knows_time(self) -> bool:
        return self.related is not None and knows_time(self.related)

    def passed(self, since: datetime, world: World) -> Iterable[Any]:
        for each in conditions(self.related) if self.related is not None else ():
            for ids in each.passed(since, world):
                yield Relationship.objects.filter(
                    relationship_type=self.relationship_type, related_contact__in=ids
                ).values("contact_id")

    def timed_fields(self) -> Iterable[str]:
        for each in conditions(self.related) if self.related is not None else ():
            yield from each.timed_fields()

    def sentence(self, world: World) -> str:
        label = label_in_sentence(world.relationship_types[self.relationship_type].label)
        if self.related is None:
            return f"{label} somebody"
        return f"{label} somebody of whom holds: {clause_of(self.related, world, is_inside=True)}"

    def segments(self) -> Iterable[int]:
        return segments_of(self.related) if self.related is not None else ()


def relationship_read(source: Source) -> Related:
    source.only("relationship_type", "related")
    key = source.choice("relationship_type", source.world.relationship_types, "kind of relation")
    return Related(key, source.node("related") if source.has("related") else None)
