"""Where the values of contacts lie: in columns, in slots, in the document of custom fields.

Every hand-made comparison with the document is safe for values of any type: other organizations may have a field of the
same key, and PostgreSQL may look at their rows first.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, DateTimeField, F, Func, Q, TextField, Value
from django.db.models.functions import Substr

from contacts.cleaning.custom_fields import choice_key
from contacts.rules.expressions import (
    ByCodePoint,
    Folded,
    JsonPart,
    JsonText,
    StartsWith,
    any_of,
    compared,
)
from contacts.rules.spans import Span
from contacts.slots import slot_tells, slot_text


class Place(ABC):
    """A value of each contact, as an expression."""

    @property
    @abstractmethod
    def value(self) -> Any:
        """As it is stored; NULL where there is none."""

    @property
    def folded(self) -> Any:
        """A text without case."""
        return Folded(self.value)

    def one_of(self, texts: Sequence[str]) -> Any:
        """Whether the text is one of some, which are folded."""
        return any_of(self.folded, texts, TextField())

    def begins_with(self, text: str) -> Any:
        """Whether the text begins with another, which is folded."""
        return StartsWith(self.folded, Value(text, TextField()))

    @abstractmethod
    def compared(self, operator: str, wanted: Any) -> Any:
        """The value compared with another of its type; `operator` is SQL's."""

    def within(self, span: Span) -> Q:
        """Whether a moment lies in a span."""
        start = Q(self.compared(">=", span.start)) if span.start else Q()
        return start & (Q(self.compared("<", span.end)) if span.end else Q())

    def month_day(self, tz: str) -> Any:
        """The month and day of a moment in a timezone, such as `02-29`."""
        raise NotImplementedError

    @property
    def is_indexed(self) -> bool:
        """Whether an index is in the order of the value."""
        return False

    def has_one_of(self, choices: Sequence[str]) -> Any:
        """Whether a list of choices has one of some."""
        raise NotImplementedError


class _MonthDay(Func):
    """`to_char(moment at time zone tz, 'MM-DD')`."""

    template = "to_char(%(expressions)s, 'MM-DD')"
    arg_joiner = " at time zone "
    arity = 2
    output_field = TextField()


class Column(Place):
    """A column of `contacts`. `is_date`: of days, kept as their midnights in UTC."""

    def __init__(self, name: str, *, is_date: bool = False, is_indexed: bool = False) -> None:
        self.name = name
        self.is_date = is_date
        self._is_indexed = is_indexed

    @property
    def is_indexed(self) -> bool:
        return self._is_indexed

    @property
    def value(self) -> Any:
        return F(self.name)

    def compared(self, operator: str, wanted: Any) -> Any:
        return compared(F(self.name), operator, Value(wanted))

    def month_day(self, tz: str) -> Any:
        return _MonthDay(F(self.name), Value("UTC" if self.is_date else tz, TextField()))


class _Json(Place):
    """A value at a path of a document."""

    def __init__(self, *path: str, document: str = "custom_fields") -> None:
        self.path = path
        self.document = document

    @cached_property
    def text(self) -> Any:
        return JsonText(F(self.document), _path(self.path))

    @cached_property
    def part(self) -> Any:
        """The value as JSON."""
        return JsonPart(F(self.document), _path(self.path))

    @property
    def value(self) -> Any:
        return self.text

    def compared(self, operator: str, wanted: Any) -> Any:
        raise NotImplementedError


def _path(path: Sequence[str]) -> Value:
    return Value(list(path), ArrayField(TextField()))


class JsonTextPlace(_Json):
    """A text or one choice."""


class TextSlot(JsonTextPlace):
    """A text of which a slot holds the beginning, without case: as far as that tells, its index is asked."""

    def __init__(self, key: str, slot: str) -> None:
        super().__init__(key)
        self.slot = slot

    @property
    def value(self) -> Any:
        return F(self.slot)

    @property
    def folded(self) -> Any:
        return Folded(self.text)

    def one_of(self, texts: Sequence[str]) -> Any:
        begins = any_of(F(self.slot), [slot_text(text) for text in texts], TextField())
        is_told = all(map(slot_tells, texts))
        return begins if is_told else Q(begins) & Q(super().one_of(texts))

    def begins_with(self, text: str) -> Any:
        begins = StartsWith(F(self.slot), Value(slot_text(text), TextField()))
        return begins if slot_tells(text) else Q(begins) & Q(super().begins_with(text))


class _JsonTypeIs(Func):
    template = "jsonb_typeof(%(expressions)s"
    arg_joiner = ") = "
    arity = 2
    output_field = BooleanField()


class _JsonCompared(Func):
    """`custom_fields -> key < '30'::jsonb`: jsonb orders numbers among themselves."""

    template = "(%(expressions)s::jsonb)"
    arity = 2
    output_field = BooleanField()

    def __init__(self, left: Any, operator: str, right: str) -> None:
        super().__init__(left, Value(right, TextField()))
        self.arg_joiner = f" {operator} "


class JsonNumberPlace(_Json):
    def compared(self, operator: str, wanted: Decimal) -> Any:
        number = f"{wanted:f}"
        is_number = _JsonTypeIs(self.part, Value("number", TextField()))
        return Q(_JsonCompared(self.part, operator, number)) & Q(is_number)


class JsonBooleanPlace(_Json):
    def compared(self, operator: str, wanted: bool) -> Any:
        return compared(self.text, operator, Value(json.dumps(wanted), TextField()))


class _WithoutZone(Func):
    function = "rtrim"
    template = "%(function)s(%(expressions)s, 'Z')"
    arity = 1
    output_field = TextField()


class _Moment(Func):
    """The moment that a text is; NULL for one that is none."""

    template = "(case when (%(expressions)s)::timestamptz end)"
    arg_joiner = ") ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T' then ("
    arity = 2
    output_field = DateTimeField()


class JsonMomentPlace(_Json):
    """A day or a moment, stored in ISO 8601: in order as texts, once the `Z` behind them is gone."""

    def __init__(self, *path: str, is_date: bool) -> None:
        super().__init__(*path)
        self.is_date = is_date

    def compared(self, operator: str, wanted: datetime) -> Any:
        moment = wanted.astimezone(UTC).replace(tzinfo=None)
        text = moment.date().isoformat() if self.is_date else moment.isoformat()
        left = self.text if self.is_date else _WithoutZone(self.text)
        return compared(ByCodePoint(left), operator, Value(text, TextField()))

    def month_day(self, tz: str) -> Any:
        if self.is_date:
            return Substr(self.text, 6, 5)
        return _MonthDay(_Moment(self.text, self.text), Value(tz, TextField()))


class _HasOneOf(Func):
    template = "jsonb_exists_any(%(expressions)s)"
    arity = 2
    output_field = BooleanField()


class JsonListPlace(_Json):
    """Several choices, in the spelling of the field's definition."""

    def __init__(self, key: str, choices: Sequence[str]) -> None:
        super().__init__(key)
        self.spellings = {choice_key(choice): choice for choice in choices}

    def has_one_of(self, choices: Sequence[str]) -> Any:
        wanted = [self.spellings.get(choice_key(choice), choice) for choice in choices]
        return _HasOneOf(self.part, Value(wanted, ArrayField(TextField())))
