"""What the schedule does about organizations as such."""

from organizations.services.kept_answers import kept_answers_purge

# Name, seconds between runs, what.
PERIODIC = [("purge kept answers", 3600, kept_answers_purge)]
