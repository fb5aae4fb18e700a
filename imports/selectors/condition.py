from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef

from contacts.models import ContactHistory
from contacts.rules.errors import RuleError
from contacts.rules.nodes import Condition, Dependency
from contacts.rules.source import Source
from contacts.rules.world import World
from imports.models import ImportJob


@dataclass(frozen=True, slots=True)
class Imported(Condition):
    """{"type": "import", "import": 5}: created or updated by it, and that was not undone."""

    number: int

    kind = "import"

    def holds(self, world: World) -> Any:
        operation, _ = world.vocabulary("imports")[self.number]
        return Exists(
            ContactHistory.objects.filter(
                contact_id=OuterRef("pk"), operation_id=operation, undone_by_id=None
            )
        )

    def depends_on(self, world: World) -> Iterable[Dependency]:
        # An import can write anything about a contact.
        return (Dependency(""),)

    def sentence(self, world: World) -> str:
        return f"came with the import {world.vocabulary('imports')[self.number][1]}"


def import_vocabulary() -> dict[int, tuple[int | None, str]]:
    """Imports' operations and files by their ids."""
    rows = ImportJob.objects.values_list("pk", "operation_id", "file_name")
    return {pk: (operation, f"{name} ({pk})") for pk, operation, name in rows}


def imported_read(source: Source) -> Imported:
    source.only("import")
    number = source.integer("import", least=1)
    if number not in source.world.vocabulary("imports"):
        raise RuleError(source.at("import"), "unknown_import", f"There is no import {number}.")
    return Imported(number)
