from contacts.models.activity import ActivityType, ContactActivity
from contacts.models.change import ContactChange
from contacts.models.contact import Contact, ContactKind
from contacts.models.custom_field import CustomFieldDefinition, FieldType
from contacts.models.engagement import ContactEngagement
from contacts.models.engagement_day import EngagementDay
from contacts.models.event import ContactEvent
from contacts.models.flat_view import FlatView, FlatViewStatus
from contacts.models.history import ChangeType, ContactHistory
from contacts.models.identifier import Identifier, IdentifierKind
from contacts.models.operation import ContactOperation, Door, OperationKind, OperationStatus
from contacts.models.operation_batch import OperationBatch
from contacts.models.preference import EmailPreference, PreferenceType
from contacts.models.relationship import Relationship, RelationshipType
from contacts.models.saved_view import SavedView
from contacts.models.slot_job import SlotJob, SlotJobStatus
from contacts.models.suppression import Suppression, SuppressionReason
from contacts.models.website import Website

__all__ = [
    "ActivityType",
    "ChangeType",
    "Contact",
    "ContactActivity",
    "ContactChange",
    "ContactEngagement",
    "ContactEvent",
    "ContactHistory",
    "ContactKind",
    "ContactOperation",
    "CustomFieldDefinition",
    "Door",
    "EmailPreference",
    "EngagementDay",
    "FieldType",
    "FlatView",
    "FlatViewStatus",
    "Identifier",
    "IdentifierKind",
    "OperationBatch",
    "OperationKind",
    "OperationStatus",
    "PreferenceType",
    "Relationship",
    "RelationshipType",
    "SavedView",
    "SlotJob",
    "SlotJobStatus",
    "Suppression",
    "SuppressionReason",
    "Website",
]
