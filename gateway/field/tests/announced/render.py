"""Renders templates as Home Assistant does, with its own environment: a list of [template, message] comes
in, a list of texts goes out; null where it refuses."""

import json
import sys

from homeassistant.helpers.template import TemplateEnvironment

environment = TemplateEnvironment(None)


def render(template, message):
    try:
        compiled = environment.from_string(template)
        return compiled.render(value=message, value_json=json.loads(message)).strip()
    except Exception:  # whatever it is, there is no text
        return None


json.dump([render(*case) for case in json.load(sys.stdin)], sys.stdout)
