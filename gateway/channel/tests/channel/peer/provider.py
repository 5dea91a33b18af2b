"""Checks a request as the provider's own server would, from the request alone: by the algorithms in the
providers' documentation, which are general, and know nothing of how the gateway writes it.

Reads {"provider", "secret", "method", "target", "headers", "body"} and prints {"valid", "why"}.
"""

import base64
import hashlib
import hmac
import json
import sys
import time
import urllib.parse


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256)


def near(seconds, limit):
    return abs(time.time() - seconds) < limit


def dingtalk(secret, query, headers, body, method, path):
    stamp = query["timestamp"]
    if not near(int(stamp) / 1000, 3600):
        return "the time is off"
    wanted = base64.b64encode(mac(secret.encode(), f"{stamp}\n{secret}").digest()).decode()
    return None if query["sign"] == wanted else "sign not match"


def feishu(secret, query, headers, body, method, path):
    said = json.loads(body)
    stamp = said["timestamp"]
    if not near(int(stamp), 3600):
        return "the time is off"
    wanted = base64.b64encode(mac(f"{stamp}\n{secret}".encode(), "").digest()).decode()
    return None if said["sign"] == wanted else "sign match fail"


def twilio(secret, query, headers, body, method, path):
    user, password = base64.b64decode(headers["authorization"].removeprefix("Basic ")).decode().split(":")
    if (user, password) != ("AC0123", secret):
        return "Authenticate"
    return None if path == f"/2010-04-01/Accounts/{user}/Messages.json" else "not found"


def pairs(text):
    return dict(part.strip().split("=", 1) for part in text.split(","))


def percent(text):
    return urllib.parse.quote(text, safe="-_.~")


def aliyun(secret, query, headers, body, method, path):
    algorithm, rest = headers["authorization"].split(" ", 1)
    given = pairs(rest)
    names = given["SignedHeaders"].split(";")
    if names != sorted(names) or not {"host", "x-acs-action", "x-acs-date"} <= set(names):
        return "signed headers"
    sorted_query = "&".join(f"{percent(k)}={percent(v)}" for k, v in sorted(query.items()))
    shown = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    digest = sha256(body)
    if headers["x-acs-content-sha256"] != digest:
        return "content hash"
    whole = "\n".join([method, path, sorted_query, shown, given["SignedHeaders"], digest])
    wanted = mac(secret.encode(), f"{algorithm}\n{sha256(whole.encode())}").hexdigest()
    if given["Signature"] != wanted:
        return "SignatureDoesNotMatch"
    then = time.strptime(headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ")
    return None if near(__import__("calendar").timegm(then), 900) else "the time is off"


def tc3(secret, headers, body, method, path, query, stamp):
    algorithm, rest = headers["authorization"].split(" ", 1)
    given = pairs(rest)
    _, date, service, end = given["Credential"].split("/")
    if date != time.strftime("%Y-%m-%d", time.gmtime(stamp)):
        return "AuthFailure.SignatureExpire"
    names = given["SignedHeaders"].split(";")
    # As documented: names and values in lower case.
    shown = "".join(f"{name}:{headers[name].strip().lower()}\n" for name in names)
    whole = "\n".join([method, path, query, shown, given["SignedHeaders"], sha256(body)])
    text = f"{algorithm}\n{stamp}\n{date}/{service}/{end}\n{sha256(whole.encode())}"
    key = mac(f"TC3{secret}".encode(), date).digest()
    key = mac(mac(key, service).digest(), end).digest()
    wanted = mac(key, text).hexdigest()
    return None if given["Signature"] == wanted else f"AuthFailure.SignatureFailure, wanted {wanted}"


def tencent(secret, query, headers, body, method, path):
    stamp = int(headers["x-tc-timestamp"])
    if not near(stamp, 300):
        return "AuthFailure.SignatureExpire"
    return tc3(secret, headers, body, method, path, "", stamp)


def documented():
    """The example of the TC3 documentation, so that the checker is checked as well."""
    body = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    headers = {
        "content-type": "application/json; charset=utf-8",
        "host": "cvm.tencentcloudapi.com",
        "authorization": "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/"
        "tc3_request, SignedHeaders=content-type;host, "
        "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168",
    }
    return tc3("Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", headers, body, "POST", "/", "", 1551113065)


def main():
    asked = json.load(sys.stdin)
    path, _, raw = asked["target"].partition("?")
    query = dict(urllib.parse.parse_qsl(raw, keep_blank_values=True, strict_parsing=bool(raw)))
    check = globals().get(asked["provider"])
    why = documented() or check(
        asked["secret"], query, asked["headers"], asked["body"].encode(), asked["method"], path
    )
    print(json.dumps({"valid": why is None, "why": why, "query": query}))


main()
