from contacts.models.change import ContactChange
from contacts.models.contact import Contact, ContactKind
from contacts.models.custom_field import CustomFieldDefinition, FieldType
from contacts.models.history import ChangeType, ContactHistory
from contacts.models.operation import ContactOperation, Door, OperationKind, OperationStatus
from contacts.models.saved_view import SavedView

__all__ = [
    "ChangeType",
    "Contact",
    "ContactChange",
    "ContactHistory",
    "ContactKind",
    "ContactOperation",
    "CustomFieldDefinition",
    "Door",
    "FieldType",
    "OperationKind",
    "OperationStatus",
    "SavedView",
]
