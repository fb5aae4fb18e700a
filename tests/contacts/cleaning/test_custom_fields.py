from zoneinfo import ZoneInfo

import pytest

from contacts.cleaning.custom_fields import FIELD_TYPES, Reading, clean_value, value_cleaner
from contacts.cleaning.errors import CleaningError

COLORS = ("Red", "Dark green", "Blue")


@pytest.mark.parametrize(
    ("type", "value", "expected"),
    [
        ("text", " Ana ", "Ana"),
        ("number", "1,234.5", 1234.5),
        ("number", 31, 31),
        ("number", 31.0, 31),
        ("date", "2024-01-31", "2024-01-31"),
        ("datetime", "2024-01-31T10:00:00+01:00", "2024-01-31T09:00:00Z"),
        ("boolean", "yes", True),
        ("boolean", False, False),
        ("choice", "red", "Red"),
        ("choice", " DARK  GREEN ", "Dark green"),
        ("multi_choice", "blue; red , Blue", ["Red", "Blue"]),
        ("multi_choice", ["blue", "RED"], ["Red", "Blue"]),
        ("multi_choice", '["Blue"]', ["Blue"]),
        ("multi_choice", [], None),
        ("multi_choice", "[]", None),
        ("url", "example.com", "https://example.com"),
    ],
)
def test_values_become_typed(type: str, value: object, expected: object) -> None:
    found = clean_value(type, COLORS, value)
    assert found == expected
    assert found.__class__ is expected.__class__


@pytest.mark.parametrize("type", FIELD_TYPES)
@pytest.mark.parametrize("blank", [None, "", "  ", "\u200b"])
def test_blank_is_nothing(type: str, blank: object) -> None:
    assert clean_value(type, COLORS, blank) is None


@pytest.mark.parametrize(
    ("type", "value", "code"),
    [
        ("text", 31, "wrong_type"),
        ("number", True, "wrong_type"),
        ("number", [1], "wrong_type"),
        ("number", float("nan"), "invalid_number"),
        ("date", 20240131, "wrong_type"),
        ("datetime", {}, "wrong_type"),
        ("boolean", 1, "wrong_type"),
        ("choice", "Pink", "unknown_choice"),
        ("choice", ["Red"], "wrong_type"),
        ("multi_choice", "Red, Pink", "unknown_choice"),
        ("multi_choice", ["Red", 1], "wrong_type"),
        ("url", 5, "wrong_type"),
        ("text", "a\udce9", "undecodable"),
    ],
)
def test_other_values_are_refused(type: str, value: object, code: str) -> None:
    with pytest.raises(CleaningError) as refusal:
        clean_value(type, COLORS, value)
    assert refusal.value.code == code


def test_choices_may_contain_commas() -> None:
    choices = ("Food, drink", "Music")
    assert clean_value("multi_choice", choices, "food, drink") == ["Food, drink"]
    assert clean_value("multi_choice", choices, "music; Food, drink") == ["Food, drink", "Music"]
    assert clean_value("multi_choice", choices, '"Food, drink",Music') == ["Food, drink", "Music"]


def test_an_exact_spelling_goes_before_another_case() -> None:
    assert clean_value("choice", ("vip", "VIP"), "VIP") == "VIP"
    assert clean_value("choice", ("vip", "VIP"), "Vip") == "vip"


def test_an_unknown_choice_names_the_choices() -> None:
    with pytest.raises(
        CleaningError, match="“Pink” is not one of the choices: “Red”, “Dark green”"
    ):
        clean_value("choice", COLORS, "Pink")


def test_the_reading_of_a_file_is_used() -> None:
    reading = Reading(day_first=True, decimal_comma=True, tz=ZoneInfo("Europe/Oslo"))
    assert value_cleaner("date", reading=reading)("02/01/2024") == "2024-01-02"
    assert value_cleaner("number", reading=reading)("1.234,5") == 1234.5
    assert value_cleaner("datetime", reading=reading)("2024-01-02 10:00") == "2024-01-02T09:00:00Z"


def test_an_unknown_type_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="Unknown custom field type"):
        value_cleaner("colour")
