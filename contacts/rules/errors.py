"""What is wrong with a rule, and where."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError


class RuleError(Exception):
    """One fault at a place of the document, such as `rules.all.0.value`."""

    def __init__(self, path: str, code: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path, self.code, self.message = path, code, message


def as_validation_error(errors: Iterable[RuleError]) -> ValidationError:
    """All faults of a rule by path, as doors show them."""
    by_path: dict[str, list[ValidationError]] = {}
    for error in errors:
        by_path.setdefault(error.path, []).append(ValidationError(error.message, code=error.code))
    return ValidationError(by_path)
