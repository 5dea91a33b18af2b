"""Judges profiles by the JSON Schema of their language, as an editor does.

Reads the schema from the file that is named first; the others are profiles in TOML. For each one a line
of JSON: its file, and the first complaint, or null.
"""

import json
import sys
import tomllib

from jsonschema import Draft202012Validator

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
Draft202012Validator.check_schema(schema)
judge = Draft202012Validator(schema)
for path in sys.argv[2:]:
    with open(path, "rb") as file:
        profile = tomllib.load(file)
    complaint = next((f"{e.json_path}: {e.message}" for e in judge.iter_errors(profile)), None)
    print(json.dumps({"file": path, "complaint": complaint}, ensure_ascii=False))
