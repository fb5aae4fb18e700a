"""What a rule is read and compiled against: one organization at one moment."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from contacts.models import (
    CustomFieldDefinition,
    PreferenceType,
    RelationshipType,
    Website,
)
from contacts.rules.expressions import ids_text, in_ids
from contacts.selectors.definitions import custom_field_definitions
from organizations.models import Organization
from organizations.scope import current_organization_id

# What upper floors know by a word: {"tags": …}; each loads it for the organization in scope.
_vocabularies: dict[str, Callable[[], Any]] = {}


def vocabulary_register(name: str, load: Callable[[], Any]) -> None:
    """Let conditions of an upper floor find what they speak of; called from AppConfig.ready()."""
    _vocabularies[name] = load


def vocabulary_of(name: str) -> Any:
    """What an upper floor knows by a word, of the organization in scope; nothing where no floor does."""
    return _vocabularies[name]() if name in _vocabularies else {}


@dataclass
class World:
    """The organization in scope at `now`, loaded as far as rules ask for it, once.

    `among`: the ids of the contacts in question, or a queryset of ids, where only some are; else None.
    """

    now: datetime
    among: Any = None
    _loaded: dict[str, Any] = field(default_factory=dict, repr=False)

    def at(self, now: datetime) -> "World":
        """The same organization at another moment."""
        return replace(self, now=now)

    def of(self, among: Any) -> "World":
        """The same world, asked about some contacts only."""
        return replace(self, among=among)

    def about(self, column: str) -> Q:
        """Whether a column names one of the contacts in question."""
        if self.among is None:
            return Q()
        if isinstance(self.among, list | tuple):
            return Q(in_ids(F(column), self.among_text))
        return Q(**{f"{column}__in": self.among})

    @cached_property
    def among_text(self) -> str:
        """The ids of the contacts in question as PostgreSQL reads an array."""
        return ids_text(self.among)

    def _known[T](self, name: str, load: Callable[[], T]) -> T:
        # Copies of a world share what was loaded.
        if name not in self._loaded:
            self._loaded[name] = load()
        return self._loaded[name]

    @property
    def organization(self) -> Organization:
        return self._known(
            "organization", lambda: Organization.objects.get(pk=current_organization_id())
        )

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.organization.timezone)

    @property
    def fields(self) -> dict[str, CustomFieldDefinition]:
        """Custom fields by key."""
        return self._known(
            "fields", lambda: {each.key: each for each in custom_field_definitions()}
        )

    @property
    def websites(self) -> dict[int, str]:
        """The names of websites by their ids."""
        return self._known("websites", lambda: dict(Website.objects.values_list("pk", "name")))

    @property
    def preference_types(self) -> dict[str, PreferenceType]:
        return self._known(
            "preference_types", lambda: {each.key: each for each in PreferenceType.objects.all()}
        )

    @property
    def relationship_types(self) -> dict[str, RelationshipType]:
        return self._known(
            "relationship_types",
            lambda: {each.key: each for each in RelationshipType.objects.all()},
        )

    def vocabulary(self, name: str) -> Any:
        """What an upper floor registered under a name."""
        return self._known(name, _vocabularies[name])

    @cached_property
    def today(self) -> date:
        """The day that it is in the organization."""
        return self.now.astimezone(self.tz).date()

    def midnight(self, day: date) -> datetime:
        """When a day begins in the organization."""
        return datetime.combine(day, time(), self.tz)

    def day(self, offset: int) -> date:
        """Today and so many days."""
        return self.today + timedelta(days=offset)
