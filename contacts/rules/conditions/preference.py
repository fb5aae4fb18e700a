from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from contacts.models import EmailPreference
from contacts.rules.labels import label_in_sentence
from contacts.rules.nodes import Condition, Dependency
from contacts.rules.source import Source
from contacts.rules.world import World


@dataclass(frozen=True, slots=True)
class Preference(Condition):
    """{"type": "preference", "preference_type": "marketing", "is_enabled": true}

    Of who said neither yes nor no, the default of the kind of mail holds.
    """

    preference_type: str
    is_enabled: bool

    kind = "preference"

    def holds(self, world: World) -> Any:
        is_default = world.preference_types[self.preference_type].is_enabled_by_default
        if self.is_enabled == is_default:
            return ~self._said(not self.is_enabled, world)
        return self._said(self.is_enabled, world)

    def _said(self, is_enabled: bool, world: World) -> Exists:
        said = EmailPreference.objects.filter(
            world.about("contact_id"),
            contact=OuterRef("pk"),
            preference_type=self.preference_type,
            is_enabled=is_enabled,
        )
        return Exists(said)

    def depends_on(self, world: World) -> Iterable[Dependency]:
        return (Dependency("preferences"),)

    def sentence(self, world: World) -> str:
        label = label_in_sentence(world.preference_types[self.preference_type].label)
        return f"has {label} mail switched {'on' if self.is_enabled else 'off'}"

    def shown(self, world: World) -> Any:
        said = EmailPreference.objects.filter(
            contact=OuterRef("pk"), preference_type=self.preference_type
        )
        default = world.preference_types[self.preference_type].is_enabled_by_default
        return Coalesce(Subquery(said.values("is_enabled")[:1]), Value(default))


def preference_read(source: Source) -> Preference:
    source.only("preference_type", "is_enabled")
    key = source.choice("preference_type", source.world.preference_types, "kind of mail")
    return Preference(key, source.boolean("is_enabled"))
