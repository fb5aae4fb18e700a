from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from contacts.models import CustomFieldDefinition, FieldType
from contacts.rules.comparisons import (
    BooleanComparison,
    Comparison,
    ListComparison,
    NumberComparison,
    TextComparison,
)
from contacts.rules.moments import MomentComparison
from contacts.rules.nodes import Condition, Dependency
from contacts.rules.places import (
    Column,
    JsonBooleanPlace,
    JsonListPlace,
    JsonMomentPlace,
    JsonNumberPlace,
    JsonTextPlace,
    Place,
    TextSlot,
)
from contacts.rules.source import Source
from contacts.rules.world import World
from contacts.slots import slot_of

COMPARISONS: dict[str, Callable[[Source], Comparison]] = {
    FieldType.TEXT: TextComparison.read,
    FieldType.CHOICE: TextComparison.read,
    FieldType.URL: TextComparison.read,
    FieldType.NUMBER: NumberComparison.read,
    FieldType.BOOLEAN: BooleanComparison.read,
    FieldType.MULTI_CHOICE: ListComparison.read,
    FieldType.DATE: partial(MomentComparison.read, is_date=True),
    FieldType.DATETIME: MomentComparison.read,
}


@dataclass(frozen=True, slots=True)
class CustomField(Condition):
    """{"type": "custom_field", "field": "age", "operator": "gt", "value": 30}"""

    field: str
    comparison: Comparison

    kind = "custom_field"

    def holds(self, world: World) -> Any:
        return self.comparison.test(place_of(world.fields[self.field]), world)

    def depends_on(self, world: World) -> Iterable[Dependency]:
        return (Dependency(f"custom:{self.field}"),)

    @property
    def knows_time(self) -> bool:
        return isinstance(self.comparison, MomentComparison) and self.comparison.moves

    def passed(self, since: datetime, world: World) -> Iterable[Any]:
        if isinstance(self.comparison, MomentComparison):
            place = place_of(world.fields[self.field])
            yield from self.comparison.passed(place, since, world)

    def timed_fields(self) -> Iterable[str]:
        return (self.field,) if self.knows_time else ()

    def sentence(self, world: World) -> str:
        return self.comparison.sentence(f"“{world.fields[self.field].label}”")

    def shown(self, world: World) -> Any:
        return JsonTextPlace(self.field).value


def place_of(definition: CustomFieldDefinition) -> Place:
    """Where the values of a field are looked at: in its slot, as soon as that is filled for everybody."""
    key, slot = definition.key, slot_of(definition)
    is_date = definition.type == FieldType.DATE
    if slot:
        is_text = slot.startswith("text_")
        return TextSlot(key, slot) if is_text else Column(slot, is_date=is_date, is_indexed=True)
    match definition.type:
        case FieldType.NUMBER:
            return JsonNumberPlace(key)
        case FieldType.BOOLEAN:
            return JsonBooleanPlace(key)
        case FieldType.MULTI_CHOICE:
            return JsonListPlace(key, definition.choices)
        case FieldType.DATE | FieldType.DATETIME:
            return JsonMomentPlace(key, is_date=is_date)
    return JsonTextPlace(key)


def custom_field_read(source: Source) -> CustomField:
    source.only("field", "operator", "value")
    key = source.choice("field", source.world.fields, "custom field")
    return CustomField(key, COMPARISONS[source.world.fields[key].type](source))
