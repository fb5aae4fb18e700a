"""JSON from programs: every way in which it can be wrong is a message, with the place."""

import json
from typing import Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.utils.json import strict_constant

from organizations.api.problems import Problem

MAX_DEPTH_MESSAGE = "The JSON is nested too deeply."


class ApiJSONParser(BaseParser):
    """RFC 8259, UTF-8, up to DATA_UPLOAD_MAX_MEMORY_SIZE."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        limit = int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)
        content = stream.read(limit + 1)
        if len(content) > limit:
            raise Problem(
                413, f"The request is larger than {limit // 1024**2} MB: send it in parts."
            )
        try:
            return json.loads(content.decode("utf-8-sig"), parse_constant=strict_constant)
        except UnicodeDecodeError as error:
            raise ParseError(f"The JSON is not UTF-8: see byte {error.start}.") from error
        except RecursionError as error:
            raise ParseError(MAX_DEPTH_MESSAGE) from error
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            raise ParseError(f"The JSON can't be read at {place}: {error.msg}.") from error
        except ValueError as error:
            raise ParseError(f"The JSON can't be read: {error}") from error
