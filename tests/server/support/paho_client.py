"""Publishes and subscribes with paho-mqtt: each QoS, a retained message, a will. Prints `ok` at the end."""

import queue
import sys

import paho.mqtt.client as paho

port, transport, version, authority = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]


def client(name, **options):
    if hasattr(paho, "CallbackAPIVersion"):
        made = paho.Client(paho.CallbackAPIVersion.VERSION1, name, transport=transport, protocol=version, **options)
    else:
        made = paho.Client(name, transport=transport, protocol=version, **options)
    if authority:
        made.tls_set(authority)
    made.got = queue.Queue()
    made.ready = queue.Queue()
    made.on_message = lambda _c, _u, message: made.got.put((message.topic, message.payload.decode(), message.qos, message.retain))
    made.on_connect = lambda *_: made.ready.put(True)
    made.on_subscribe = lambda *_: made.ready.put(True)
    return made


def connect(made):
    made.connect("localhost", port)
    made.loop_start()
    made.ready.get(timeout=30)
    return made


root = "paho/%s%d%s" % (transport, version, "s" if authority else "")
subscriber = connect(client(root + "-sub"))
subscriber.subscribe(root + "/#", qos=2)
subscriber.ready.get(timeout=30)
leaving = client(root + "-leaving")
leaving.will_set(root + "/will", "gone", qos=1)
connect(leaving)
publisher = connect(client(root + "-pub"))
for qos in (0, 1, 2):
    publisher.publish(root + "/q", "at %d" % qos, qos=qos).wait_for_publish(30)
    expected = (root + "/q", "at %d" % qos, qos, False)
    got = subscriber.got.get(timeout=30)
    assert got == expected, (got, expected)
publisher.publish(root + "/kept", "r", qos=1, retain=True).wait_for_publish(30)
assert subscriber.got.get(timeout=30) == (root + "/kept", "r", 1, False)
late = connect(client(root + "-late"))
late.subscribe(root + "/kept", qos=1)
assert late.got.get(timeout=30) == (root + "/kept", "r", 1, True)
leaving.loop_stop()
leaving._sock_close()
assert subscriber.got.get(timeout=30)[:2] == (root + "/will", "gone")
for made in (subscriber, publisher, late):
    made.disconnect()
    made.loop_stop()
print("ok")
