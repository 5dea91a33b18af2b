"""Judges announcements by Home Assistant's own MQTT integration: its topics, its abbreviations, its schemas.

Reads files that hold the payloads by topic, in JSON. For each entity a line of JSON: its topic, and the
first complaint, or null. An announcement of a whole device is newer than this release: each of its
components is judged with what stands beside them.
"""

import json
import sys
from importlib import import_module

import voluptuous
from homeassistant.components.mqtt.abbreviations import (
    ABBREVIATIONS,
    DEVICE_ABBREVIATIONS,
    ORIGIN_ABBREVIATIONS,
)
from homeassistant.components.mqtt.discovery import MQTT_ORIGIN_INFO_SCHEMA, TOPIC_MATCHER

PREFIX = "homeassistant/"
NEWER = {"cmps": "components", "p": "platform"}


def long(table, short):
    return {table.get(key, key): value for key, value in short.items()}


def whole(payload):
    """The announcement as the integration has it before it looks at it."""
    payload = long(ABBREVIATIONS | NEWER, payload)
    if "device" in payload:
        payload["device"] = long(DEVICE_ABBREVIATIONS, payload["device"])
    if "origin" in payload:
        payload["origin"] = long(ORIGIN_ABBREVIATIONS, payload["origin"])
        MQTT_ORIGIN_INFO_SCHEMA(payload["origin"])
    if "availability" in payload:
        payload["availability"] = [long(ABBREVIATIONS, item) for item in payload["availability"]]
    base = payload.pop("~", None)
    if base is not None:
        for key, value in payload.items():
            if key.endswith("topic") and value.startswith("~"):
                payload[key] = base + value[1:]
    return payload


def entities(topic, payload):
    """Every entity of an announcement, with its component."""
    match = TOPIC_MATCHER.match(topic.removeprefix(PREFIX))
    if not topic.startswith(PREFIX) or match is None:
        raise ValueError("the topic is none of Home Assistant's")
    payload = whole(payload)
    if match["component"] != "device":
        return [(match["component"], payload)]
    components = [whole(component) for component in payload.pop("components").values()]
    shown = [component for component in components if len(component) > 1]
    return [(component.pop("platform"), payload | component) for component in shown]


def judge(topic, payload):
    try:
        for component, entity in entities(topic, payload):
            import_module(f"homeassistant.components.mqtt.{component}").DISCOVERY_SCHEMA(entity)
    except (ValueError, voluptuous.Invalid) as error:
        return str(error)
    return None


for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        for topic, payload in json.load(file).items():
            complaint = judge(topic, payload)
            print(json.dumps({"topic": topic, "complaint": complaint}, ensure_ascii=False))
