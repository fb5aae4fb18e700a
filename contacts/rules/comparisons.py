"""Comparing a value of a contact with what a rule wants, by type. A missing value fits no comparison.

Operators with `not` are exact complements: whoever has no city is among those whose city is not Oslo.
"""

import operator
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import Any, ClassVar

from django.db.models import Q, TextField, Value
from django.db.models.lookups import IsNull

from contacts.rules.errors import RuleError
from contacts.rules.expressions import Contains, EndsWith, IsNotTrue
from contacts.rules.places import Place
from contacts.rules.sentences import alternatives
from contacts.rules.source import Source, number_of, text_of
from contacts.rules.world import World

COMPLEMENTS = {
    "not_equals": "equals",
    "not_in": "in",
    "not_contains": "contains",
    "not_in_last": "in_last",
    "is_not_set": "is_set",
}


@dataclass(frozen=True, slots=True)
class Comparison(ABC):
    """An operator and what is wanted; `test` is over the place where the value lies."""

    operator: str
    wanted: Any

    operators: ClassVar[Sequence[str]]

    @classmethod
    @abstractmethod
    def read(cls, source: Source) -> "Comparison":
        """From `operator` and `value`. Raises RuleError."""

    @property
    def positive(self) -> str:
        """The operator, or the one that it is the complement of."""
        return COMPLEMENTS.get(self.operator, self.operator)

    @property
    def is_complement(self) -> bool:
        return self.operator in COMPLEMENTS

    def test(self, place: Place, world: World) -> Any:
        """A boolean expression; NULL counts as false."""
        held = self._set(place) if self.positive == "is_set" else self._test(place, world)
        return IsNotTrue(held) if self.is_complement else held

    @staticmethod
    def _set(place: Place) -> Any:
        return IsNull(place.value, False)

    @abstractmethod
    def _test(self, place: Place, world: World) -> Any:
        """The same for an operator that is no complement."""

    def sentence(self, name: str) -> str:
        if self.positive == "is_set":
            return f"{name} is {'not ' if self.is_complement else ''}known"
        return self._sentence(name)

    @abstractmethod
    def _sentence(self, name: str) -> str: ...


def operator_read(source: Source, known: Iterable[str], what: str) -> str:
    return source.choice("operator", known, f"operator for {what}")


def folded(text: str) -> str:
    """A text as rules compare it: composed, without case and white space around."""
    return unicodedata.normalize("NFC", text.strip()).casefold()


WORDS = {
    "equals": "is",
    "not_equals": "is not",
    "in": "is",
    "not_in": "is not",
    "contains": "contains",
    "not_contains": "does not contain",
    "starts_with": "begins with",
    "ends_with": "ends with",
    "gt": "is more than",
    "gte": "is at least",
    "lt": "is less than",
    "lte": "is at most",
}
LISTS = ("in", "not_in")


@dataclass(frozen=True, slots=True)
class TextComparison(Comparison):
    """Texts, choices and addresses, without regard to case."""

    operators = [
        "equals",
        "not_equals",
        "in",
        "not_in",
        "contains",
        "not_contains",
        "starts_with",
        "ends_with",
        "is_set",
        "is_not_set",
    ]

    @classmethod
    def read(cls, source: Source) -> "TextComparison":
        operator = operator_read(source, cls.operators, "a text")
        if operator in ("is_set", "is_not_set"):
            return cls(operator, None)
        if operator in LISTS:
            return cls(operator, tuple(text_of(*item) for item in source.listed("value")))
        return cls(operator, text_of(source.raw("value"), source.at("value")))

    def _test(self, place: Place, world: World) -> Any:
        if self.positive == "in":
            return place.one_of([folded(each) for each in self.wanted])
        wanted = folded(self.wanted)
        if self.positive == "equals":
            return place.one_of([wanted])
        if self.positive == "starts_with":
            return place.begins_with(wanted)
        test = {"contains": Contains, "ends_with": EndsWith}
        return test[self.positive](place.folded, Value(wanted, TextField()))

    def _sentence(self, name: str) -> str:
        wanted = list(self.wanted) if self.operator in LISTS else [self.wanted]
        return f"{name} {WORDS[self.operator]} {alternatives(wanted)}"


@dataclass(frozen=True, slots=True)
class NumberComparison(Comparison):
    operators = [
        "equals",
        "not_equals",
        "in",
        "not_in",
        "gt",
        "gte",
        "lt",
        "lte",
        "between",
        "is_set",
        "is_not_set",
    ]

    @classmethod
    def read(cls, source: Source) -> "NumberComparison":
        operator = operator_read(source, cls.operators, "a number")
        if operator in ("is_set", "is_not_set"):
            return cls(operator, None)
        if operator in LISTS:
            return cls(operator, tuple(number_of(*item) for item in source.listed("value")))
        if operator == "between":
            return cls(operator, _range(source, number_of))
        return cls(operator, number_of(source.raw("value"), source.at("value")))

    def _test(self, place: Place, world: World) -> Any:
        match self.positive:
            case "in":
                return reduce(operator.or_, (Q(place.compared("=", each)) for each in self.wanted))
            case "between":
                least, most = self.wanted
                return Q(place.compared(">=", least)) & Q(place.compared("<=", most))
        return place.compared(SQL_OPERATORS[self.positive], self.wanted)

    def _sentence(self, name: str) -> str:
        if self.operator == "between":
            least, most = self.wanted
            return f"{name} is between {shown_number(least)} and {shown_number(most)}"
        wanted = list(self.wanted) if self.operator in LISTS else [self.wanted]
        return f"{name} {WORDS[self.operator]} {alternatives([shown_number(n) for n in wanted])}"

    def fits(self, number: Decimal) -> bool:
        """Whether a number is as wanted."""
        match self.positive:
            case "in":
                fits = number in self.wanted
            case "between":
                fits = self.wanted[0] <= number <= self.wanted[1]
            case _:
                fits = PYTHON_OPERATORS[self.positive](number, self.wanted)
        return fits != self.is_complement


PYTHON_OPERATORS = {
    "equals": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
SQL_OPERATORS = {"equals": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def shown_number(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _range(source: Source, read: Any) -> tuple[Any, Any]:
    """Two values, the lesser first."""
    items = source.listed("value", most=2)
    if len(items) != 2:
        raise RuleError(source.at("value"), "wrong_type", "Give two values: [least, most].")
    least, most = (read(*item) for item in items)
    if most < least:
        raise RuleError(source.at("value"), "empty_range", "Give the lesser value first.")
    return least, most


@dataclass(frozen=True, slots=True)
class BooleanComparison(Comparison):
    operators = ["equals", "not_equals", "is_set", "is_not_set"]

    @classmethod
    def read(cls, source: Source) -> "BooleanComparison":
        operator = operator_read(source, cls.operators, "yes or no")
        is_set = operator in ("is_set", "is_not_set")
        return cls(operator, None if is_set else source.boolean("value"))

    def _test(self, place: Place, world: World) -> Any:
        return place.compared("=", self.wanted)

    def _sentence(self, name: str) -> str:
        return f"{name} {WORDS[self.operator]} {'yes' if self.wanted else 'no'}"


@dataclass(frozen=True, slots=True)
class ListComparison(Comparison):
    """Several choices: whether one of them, or one of some, is among them."""

    operators = ["contains", "not_contains", "in", "not_in", "is_set", "is_not_set"]

    @classmethod
    def read(cls, source: Source) -> "ListComparison":
        operator = operator_read(source, cls.operators, "several choices")
        if operator in ("is_set", "is_not_set"):
            return cls(operator, None)
        if operator in LISTS:
            return cls(operator, tuple(text_of(*item) for item in source.listed("value")))
        return cls(operator, (text_of(source.raw("value"), source.at("value")),))

    def _test(self, place: Place, world: World) -> Any:
        return place.has_one_of(list(self.wanted))

    def _sentence(self, name: str) -> str:
        verb = "does not have" if self.is_complement else "has"
        return f"{name} {verb} {alternatives(list(self.wanted))}"
