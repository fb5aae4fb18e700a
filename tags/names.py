"""What makes two tag names one, and how names are read from a cell."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError

from contacts.cleaning.errors import CleaningError, shown
from contacts.cleaning.texts import clean_text, split_list

MAX_LENGTH = 100


def tag_key(name: str) -> str:
    """The name without regard to case and white space; accents tell words apart (“resume”, “résumé”)."""
    return " ".join(name.casefold().split())[:200]


def clean_tag_name(name: str) -> str:
    """A name fit for a tag: trimmed, in one line. Raises CleaningError when blank, too long or with a comma."""
    cleaned = " ".join(clean_text(name, MAX_LENGTH).split())
    if not cleaned:
        raise CleaningError("required", "A tag needs a name.")
    if any(separator in cleaned for separator in ",;|"):
        raise CleaningError("separator", f"{shown(name)} contains , ; or |, which separate tags.")
    return cleaned


def clean_tag_names(text: str, separators: str = ",;|") -> list[str]:
    """The tag names in a cell, in order, without repeats. Raises CleaningError."""
    names: dict[str, str] = {}
    for item in split_list(text, separators):
        name = clean_tag_name(item)
        names.setdefault(tag_key(name), name)
    return list(names.values())


def tag_name_errors(names: Iterable[str], path: str = "tags") -> dict[str, ValidationError]:
    """What is wrong with names that came as a list, by path (`tags.3`)."""
    errors = {}
    for position, name in enumerate(names):
        try:
            clean_tag_name(name)
        except CleaningError as error:
            errors[f"{path}.{position}"] = ValidationError(error.message, code=error.code)
    return errors


def validated_tag_name(name: str) -> str:
    """As clean_tag_name, for services: raises ValidationError on `name`."""
    try:
        return clean_tag_name(name)
    except CleaningError as error:
        raise ValidationError({"name": ValidationError(error.message, code=error.code)}) from error
