"""Who may do what: four roles, each with all that the ones before it may."""

from django.db.models import TextChoices


class Role(TextChoices):
    VIEWER = "viewer", "Viewer"
    MARKETER = "marketer", "Marketer"
    ADMIN = "admin", "Admin"
    OWNER = "owner", "Owner"

    @property
    def rank(self) -> int:
        return list(Role).index(self)

    def covers(self, needed: "Role") -> bool:
        """True when this role may do what `needed` may."""
        return self.rank >= needed.rank


# What each kind of work asks for, so that screens, admin and API can't disagree.
READ = Role.VIEWER
EDIT = Role.MARKETER
CONFIGURE = Role.ADMIN
GOVERN = Role.OWNER
