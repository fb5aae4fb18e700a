"""Where operations took a contact's values from: the rows of files, which upper floors know."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from contacts.models import ContactHistory, ContactOperation, OperationKind


@dataclass(frozen=True, slots=True)
class Place:
    """What an operation took a contact's values from, such as an import with its file.

    `row` is the line of the file as people count them; None where it has none for the contact, or keeps it no more.
    `link` leads there from the page that asks.
    """

    kind: OperationKind
    pk: int
    name: str
    row: int | None
    link: str

    def __str__(self) -> str:
        return self.name if self.row is None else f"{self.name}, row {self.row:,}"


Locator = Callable[[int, Collection[ContactOperation]], Mapping[int, Place]]
_locators: dict[OperationKind, Locator] = {}


def places_register(kind: OperationKind, locate: Locator) -> None:
    """Let an upper floor say where its operations took the values of a contact from; called from AppConfig.ready().

    `locate` gets a contact's id and operations of the kind, and returns places by operation.
    """
    _locators[kind] = locate


def places_of(*, contact_id: int, changes: Iterable[ContactHistory]) -> dict[int, Place]:
    """The places behind changes of a contact, by operation. One query for each kind of operation that has places."""
    operations = {change.operation_id: change.operation for change in changes}
    found: dict[int, Place] = {}
    for kind, locate in _locators.items():
        of_kind = [each for each in operations.values() if each.kind == kind]
        if of_kind:
            found |= locate(contact_id, of_kind)
    return found
