"""The admin of contacts and of all that is kept about them."""

from contacts.admin import consent, contacts, events

__all__ = ["consent", "contacts", "events"]
