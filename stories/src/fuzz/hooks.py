"""Facts that are not in the OpenAPI documents: the tokens of each operation, and rules that JSON Schema cannot express."""

import itertools
import json
import os

import schemathesis
from schemathesis.specs.openapi.checks import positive_data_acceptance

# Tokens by operation, such as "GET /orders". Other operations of /admin/ use the admin token.
with open(os.environ["FUZZ_BEARERS"], encoding="utf-8") as file:
    BEARERS = {label: itertools.cycle(tokens) for label, tokens in json.load(file).items()}

# Prefixes of validation messages for rules between members or of the app, which JSON Schema cannot express.
BEYOND_SCHEMAS = (
    "must be after opensAt",
    "must be after validFrom",
    "must be at most 400 days ahead",
    "must be a URL of one of the returnOrigins",
    "must not name a SKU twice",
    "must not cost more than",
    "must be given: the order costs something",
    "last and after exclude each other",
    "after and number exclude each other",
    "http is for development",
    "must be after the beginning of 1970 and before the year 10000, in UTC",
    "must not be a leap second",
    "must not be the name of a token of the settings",
)
# Suffixes of such messages: browsers send the origin in another form, or the host is no name and no address. No pattern
# can express that.
BEYOND_PATTERNS = ("; browsers send it otherwise", "; no URL has this host")


def bearer_of(operation):
    tokens = BEARERS.get(operation.label)
    if tokens is None and operation.path.startswith("/admin/"):
        tokens = BEARERS["operator"]
    return None if tokens is None else next(tokens)


@schemathesis.auth(refresh_interval=None)
class Bearer:
    def get(self, case, context):
        return bearer_of(context.operation)

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


def is_beyond(message):
    return message.startswith(BEYOND_SCHEMAS) or message.endswith(BEYOND_PATTERNS)


def is_beyond_schemas(response):
    if response.status_code != 400:
        return False
    errors = response.json().get("errors", [])
    return len(errors) > 0 and all(is_beyond(error["message"]) for error in errors)


@schemathesis.check
def what_the_schema_allows_is_accepted(ctx, response, case):
    """In place of positive_data_acceptance, which the configuration turns off."""
    if not is_beyond_schemas(response):
        positive_data_acceptance(ctx, response, case)
