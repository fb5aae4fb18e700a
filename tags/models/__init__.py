from tags.models.assignment import TagAssignment
from tags.models.tag import Tag

__all__ = ["Tag", "TagAssignment"]
