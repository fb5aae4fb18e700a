"""The kinds of conditions that are about contacts alone."""

from contacts.rules.conditions.activity import activity_read
from contacts.rules.conditions.attribute import attribute_read
from contacts.rules.conditions.custom_field import custom_field_read
from contacts.rules.conditions.engaged_with_last import engaged_with_last_read
from contacts.rules.conditions.engagement import engagement_read
from contacts.rules.conditions.event import event_read
from contacts.rules.conditions.preference import preference_read
from contacts.rules.conditions.relationship import relationship_read

READERS = {
    "attribute": attribute_read,
    "custom_field": custom_field_read,
    "event": event_read,
    "engaged_with_last": engaged_with_last_read,
    "activity": activity_read,
    "engagement": engagement_read,
    "preference": preference_read,
    "relationship": relationship_read,
}
