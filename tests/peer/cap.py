"""Reads alerts of the Common Alerting Protocol 1.2 as a program of others would (cap-tools, a model made of the
standard's schema), and checks what that schema does not say but the standard does. An order a line on the
input: {"xml": "..."} is answered by what the alert says, {"feed": "..."} by the feed's entries; what is wrong,
by {"error": "..."}."""

import json
import re
import sys
import xml.etree.ElementTree as ET

from cap_tools.models import Alert
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig

CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
ATOM = "{http://www.w3.org/2005/Atom}"
STRICT = ParserConfig(
    fail_on_unknown_properties=True,
    fail_on_unknown_attributes=True,
    fail_on_converter_warnings=True,
)
# The order of the elements, which the schema asks for and a data model does not keep.
ORDER = {
    "alert": "identifier sender sent status msgType source scope restriction addresses code note references "
    "incidents info",
    "info": "language category event responseType urgency severity certainty audience eventCode effective onset "
    "expires senderName headline description instruction web contact parameter resource area",
    "area": "areaDesc polygon circle geocode altitude ceiling",
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")


def check(ok, what):
    if not ok:
        raise ValueError(what)


def in_order(element):
    order = ORDER.get(element.tag.removeprefix(CAP))
    if order is None:
        return
    places = [order.split().index(child.tag.removeprefix(CAP)) for child in element]
    check(places == sorted(places), f"{element.tag}: {places}")
    for child in element:
        in_order(child)


def read_alert(text):
    root = ET.fromstring(text.encode())
    check(root.tag == CAP + "alert", root.tag)
    in_order(root)
    alert = XmlParser(config=STRICT).from_string(text, Alert)
    words = {child.tag.removeprefix(CAP): child.text for child in root}
    for name in ("identifier", "sender"):
        check(words[name] and not re.search(r"[\s,<&]", words[name]), f"{name}: {words[name]}")
    for time in [e.text for e in root.iter() if e.tag in (CAP + "sent", CAP + "onset")]:
        check(TIME.fullmatch(time), f"a time: {time}")
        check(not time.endswith("+00:00"), f"UTC is -00:00: {time}")
    check((words["scope"] == "Restricted") == ("restriction" in words), "restriction")
    check((words["scope"] == "Private") == ("addresses" in words), "addresses")
    references = [r.split(",") for r in (words.get("references") or "").split()]
    check(all(len(r) == 3 and TIME.fullmatch(r[2]) for r in references), f"{references}")
    if words["msgType"] in ("Update", "Cancel"):
        check(references, f"a {words['msgType']} that refers to nothing")
    infos = []
    for info in root.findall(CAP + "info"):
        said = {}
        for child in info:
            said.setdefault(child.tag.removeprefix(CAP), []).append(child.text)
        for name in ("category", "event", "urgency", "severity", "certainty", "headline", "description"):
            check(said.get(name, [None])[0], f"info has no {name}")
        said["area"] = [area.findtext(CAP + "areaDesc") for area in info.findall(CAP + "area")]
        check(said["area"], "no area")
        infos.append({name: value[0] if len(value) == 1 else value for name, value in said.items()})
    check(len(alert.infos) == len(infos) == 2, "a language is missing")
    return {**{k: v for k, v in words.items() if k != "info"}, "references": references, "infos": infos}


def read_feed(text):
    root = ET.fromstring(text.encode())
    check(root.tag == ATOM + "feed", root.tag)
    for name in ("id", "title", "updated"):
        check(root.findtext(ATOM + name), f"the feed has no {name}")
    entries = []
    for entry in root.findall(ATOM + "entry"):
        said = {name: entry.findtext(ATOM + name) for name in ("id", "title", "updated")}
        check(all(said.values()), f"{said}")
        link = entry.find(ATOM + "link")
        entries.append({**said, "href": link.get("href"), "type": link.get("type")})
    return {"entries": entries}


for line in sys.stdin:
    order = json.loads(line)
    try:
        answer = read_alert(order["xml"]) if "xml" in order else read_feed(order["feed"])
    except Exception as error:  # Whatever is wrong is told, and the test shows it.
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
