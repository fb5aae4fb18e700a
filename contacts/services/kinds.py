"""Kinds of mail and of relationships: those that every organization begins with, and making more."""

from django.core.exceptions import ValidationError
from django.db import transaction

from contacts.models import PreferenceType, RelationshipType
from contacts.rules.usage import word_touch

# Key, label, description, transactional.
PREFERENCES = (
    ("marketing", "Marketing", "Offers and news about our products.", False),
    ("newsletter", "Newsletter", "The regular newsletter.", False),
    ("product_updates", "Product updates", "What is new in the product.", False),
    (
        "transactional",
        "Transactional",
        "Receipts, passwords and other mail that you asked for.",
        True,
    ),
)
# Key, label, label from the other end.
RELATIONSHIPS = (
    ("company", "Works at", "Has the employee"),
    ("parent", "Child of", "Parent of"),
    ("referral_source", "Referred by", "Referred"),
)


@transaction.atomic
def kinds_found() -> None:
    """Give the organization in scope the kinds that each begins with."""
    PreferenceType.objects.bulk_create(
        PreferenceType(
            key=key, label=label, description=description, is_transactional=is_transactional
        )
        for key, label, description, is_transactional in PREFERENCES
    )
    RelationshipType.objects.bulk_create(
        RelationshipType(key=key, label=label, inverse_label=inverse)
        for key, label, inverse in RELATIONSHIPS
    )


@transaction.atomic
def preference_type_create(
    *, key: str, label: str, description: str = "", is_enabled_by_default: bool = True
) -> PreferenceType:
    """Make a kind of mail that people can choose. Raises ValidationError when the key is taken or unfit."""
    kind = PreferenceType(
        key=key,
        label=label,
        description=description,
        is_enabled_by_default=is_enabled_by_default,
    )
    _require_free(PreferenceType, key)
    kind.full_clean(exclude=["organization"], validate_constraints=False)
    kind.save()
    return kind


@transaction.atomic
def preference_type_update(
    *, kind: PreferenceType, label: str, description: str, is_enabled_by_default: bool
) -> PreferenceType:
    """Describe a kind of mail anew, and say what holds for who said nothing of it. Its key stays.

    Raises ValidationError for a label that is unfit, and for transactional mail that is to be off.
    """
    if kind.is_transactional and not is_enabled_by_default:
        message = f"{kind.label} mail can't be switched off."
        error = ValidationError(message, code="transactional")
        raise ValidationError({"is_enabled_by_default": error})
    is_other = kind.is_enabled_by_default != is_enabled_by_default
    kind.label, kind.description = label, description
    kind.is_enabled_by_default = is_enabled_by_default
    kind.full_clean(exclude=["organization"], validate_constraints=False)
    kind.save(update_fields=["label", "description", "is_enabled_by_default"])
    if is_other:
        word_touch("preference", kind.key)
    return kind


@transaction.atomic
def relationship_type_create(*, key: str, label: str, inverse_label: str) -> RelationshipType:
    """Make a kind of relationship. Raises ValidationError when the key is taken or unfit."""
    kind = RelationshipType(key=key, label=label, inverse_label=inverse_label)
    _require_free(RelationshipType, key)
    kind.full_clean(exclude=["organization"], validate_constraints=False)
    kind.save()
    return kind


@transaction.atomic
def relationship_type_update(
    *, kind: RelationshipType, label: str, inverse_label: str
) -> RelationshipType:
    """Call a kind of relationship something else, from either end. Its key stays.

    Raises ValidationError for a label that is unfit.
    """
    kind.label, kind.inverse_label = label, inverse_label
    kind.full_clean(exclude=["organization"], validate_constraints=False)
    kind.save(update_fields=["label", "inverse_label"])
    return kind


def _require_free(model: type[PreferenceType] | type[RelationshipType], key: str) -> None:
    if model.objects.filter(key=key).exists():
        message = f"There is a {model._meta.verbose_name} {key} already."
        raise ValidationError({"key": ValidationError(message, code="unique")})
