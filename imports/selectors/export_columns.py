"""The columns that an exported file can have, in a form that an import knows again for certain."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from contacts.attributes import ATTRIBUTE_LABELS
from contacts.models import CustomFieldDefinition, FieldType
from contacts.selectors.contact_columns import CUSTOM, MOMENTS

# The first column of every export: the number of the contact, and what exports are known by.
MARK = "Kith ID"
TAGS = "tags"
# Kinds of values that no custom field has.
ID, MOMENT, TAG_NAMES = "id", "moment", "tags"
# Several choices as a JSON list: where a choice holds what else stands between choices.
JSON_LIST = "json_list"
SEPARATORS = frozenset(',;|"[')
FLAGS = ("is_active", "is_subscribed")
# Names first, as people read them.
_ORDER = (
    "email", "first_name", "last_name", "phone", "company_name", "job_title", "city", "country",
    "language", "timezone", "external_id", "source", "kind", "is_subscribed", "is_active",
)  # fmt: skip
# What stands for a column of the list that is made of several.
_OF_LIST = {
    "status": ("is_subscribed", "is_active", "kind"),
    "place": ("company_name", "city", "country"),
}
_ALWAYS_LISTED = ("email", "first_name", "last_name")


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column of an exported file: its name, what kind of value it holds, and what people call it.

    Attributes are headed by their label, custom fields by their key: labels begin with a capital, keys never do, so
    no header means two things.
    """

    name: str
    kind: str
    label: str = ""

    @property
    def header(self) -> str:
        known = HEADERS.get(self.name)
        return self.name.removeprefix(CUSTOM) if known is None else known

    def as_dict(self) -> dict[str, str]:
        return {"name": self.name, "kind": self.kind}


HEADERS = ATTRIBUTE_LABELS | MOMENTS | {ID: MARK, TAGS: "Tags"}
ID_COLUMN = ExportColumn(ID, ID)


def export_columns(definitions: Iterable[CustomFieldDefinition]) -> dict[str, ExportColumn]:
    """Every column that can be chosen, by name. The contact's number is always there and never chosen."""
    columns = [ExportColumn(name, _kind(name), HEADERS[name]) for name in _ORDER]
    columns.append(ExportColumn(TAGS, TAG_NAMES, HEADERS[TAGS]))
    columns += [
        ExportColumn(f"{CUSTOM}{each.key}", _custom_kind(each), each.label) for each in definitions
    ]
    columns += [ExportColumn(name, MOMENT, label) for name, label in MOMENTS.items()]
    return {column.name: column for column in columns}


def _kind(name: str) -> str:
    return FieldType.BOOLEAN if name in FLAGS else FieldType.TEXT


def _custom_kind(definition: CustomFieldDefinition) -> str:
    has_separators = SEPARATORS.intersection("".join(definition.choices))
    is_list = definition.type == FieldType.MULTI_CHOICE
    return JSON_LIST if is_list and has_separators else definition.type


def columns_of_list(names: Iterable[str], known: Mapping[str, ExportColumn]) -> list[str]:
    """The columns that hold what the list of contacts shows in its columns `names`, in that order."""
    wanted = [*_ALWAYS_LISTED, *(part for name in names for part in _OF_LIST.get(name, (name,)))]
    return [name for name in dict.fromkeys(wanted) if name in known]


def stored_columns(columns: Iterable[Mapping[str, Any]]) -> list[ExportColumn]:
    """The columns of an export that has started, the number of the contact first."""
    return [ID_COLUMN, *(ExportColumn(each["name"], each["kind"]) for each in columns)]
