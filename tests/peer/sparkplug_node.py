"""An edge node of Sparkplug B with one device below it (pysparkplug), with none of the gateway's code.

    sparkplug_node.py PORT

The node is plant/n1 with the metric "Mains" (1), its device "panel" has "Inputs/1" (11) and "Inputs/2"
(12), all off but the mains. Says "born" whenever it has published its birth certificates, and takes
orders, a line of JSON each:

    {"set": "Inputs/1", "to": true}       by its name
    {"alias": 11, "to": true}             by its number alone, without a type
    {"history": 11, "to": true}           something that was so once
    {"null": 11}                          it has no value
    {"lose": 1}                           so many messages go lost on their way
    {"end": "panel"}                      the device goes
"""

import json
import sys
import threading

import pysparkplug as spb

GROUP, NODE, DEVICE = "plant", "n1", "panel"
ALIASES = {"Mains": 1, "Inputs/1": 11, "Inputs/2": 12}
lock = threading.Lock()


def metric(name, value, alias=None):
    return spb.Metric(
        timestamp=spb.get_current_timestamp(),
        name=name,
        datatype=spb.DataType.BOOLEAN,
        value=value,
        alias=alias,
    )


def named(name, value):
    return metric(name, value, ALIASES[name])


def publish(kind, payload, device=None, types=False):
    topic = spb.Topic(message_type=kind, group_id=GROUP, edge_node_id=NODE, device_id=device)
    message = spb.Message(topic=topic, payload=payload, qos=spb.QoS.AT_MOST_ONCE, retain=False)
    node._client.publish(message, include_dtypes=types)


def command(_, message):
    if any(m.name == "Node Control/Rebirth" and m.value for m in message.payload.metrics):
        births()


def births():
    """The certificates again, of the same session."""
    with lock:
        seq.clear()
        now = spb.get_current_timestamp()
        own = (*node.metrics.values(), born)
        publish(spb.MessageType.NBIRTH, spb.NBirth(timestamp=now, seq=count(), metrics=own))
        for device in node.devices.values():
            metrics = tuple(device.metrics.values())
            birth = spb.DBirth(timestamp=now, seq=count(), metrics=metrics)
            publish(spb.MessageType.DBIRTH, birth, device.device_id)
    print("born", flush=True)


seq = []


def count():
    seq.append(0)
    return (len(seq) - 1) % 256


client = spb.Client(client_id="plant-n1")
node = spb.EdgeNode(GROUP, NODE, [named("Mains", True)], client=client, cmd_callback=command)
node.register(spb.Device(DEVICE, [named("Inputs/1", False), named("Inputs/2", False)]))
# The number that its will has; the library counts on for the next connection once it is connected.
born = node._bd_seq_metric
connected = threading.Event()
birth_of_library = node._client.connect


def connect_and_tell(*args, callback, **kwargs):
    def then(client):
        callback(client)
        # What the library has published are the births: 0 is the node's, 1 the device's.
        seq.extend([0, 0])
        connected.set()

    birth_of_library(*args, callback=then, **kwargs)


node._client.connect = connect_and_tell
node.connect("127.0.0.1", port=int(sys.argv[1]))
connected.wait()
print("born", flush=True)


def data(alias, **what):
    known = {"timestamp": spb.get_current_timestamp(), "name": None}
    one = spb.Metric(**known, datatype=spb.DataType.BOOLEAN, alias=alias, **what)
    with lock:
        payload = spb.DData(timestamp=spb.get_current_timestamp(), seq=count(), metrics=(one,))
        publish(spb.MessageType.DDATA, payload, DEVICE)


for line in sys.stdin:
    order = json.loads(line)
    if "set" in order:
        changed = named(order["set"], order["to"])
        node.devices[DEVICE].update([changed])
        with lock:
            now = spb.get_current_timestamp()
            payload = spb.DData(timestamp=now, seq=count(), metrics=(changed,))
            publish(spb.MessageType.DDATA, payload, DEVICE, types=True)
    elif "alias" in order:
        data(order["alias"], value=order["to"])
    elif "history" in order:
        data(order["history"], value=order["to"], is_historical=True)
    elif "null" in order:
        data(order["null"], is_null=True)
    elif "lose" in order:
        with lock:
            seq.extend([0] * order["lose"])
    elif "end" in order:
        with lock:
            payload = spb.DDeath(timestamp=spb.get_current_timestamp(), seq=count())
            publish(spb.MessageType.DDEATH, payload, order["end"])
