"""What tests/e2e/move-in.sh asks a running osmo-hlr: commands of its VTY, and vectors by GSUP, as an MSC would.

    move-in.py vty COMMAND...    each answer on standard output
    move-in.py vector IMSI       the first vector, as JSON
    move-in.py open5gs           Open5GS's documents on standard input are what mongoimport would keep
"""
import json
import socket
import struct
import sys

VTY, GSUP = ("127.0.0.1", 4258), ("127.0.0.1", 4222)
CCM, OSMO, OSMO_GSUP = 0xFE, 0xEE, 5
TUPLE = {0x20: "rand", 0x23: "ik", 0x24: "ck", 0x25: "autn", 0x27: "res"}


def vty(commands):
    s = socket.create_connection(VTY, timeout=5)

    def answer():
        got = b""
        while not got.rstrip(b"\0 ").endswith((b"> ", b"# ", b">", b"#")):
            part = s.recv(4096)
            if not part:
                break
            got += part
        return got.decode(errors="replace").replace("\r", "")

    answer()
    for c in ["enable"] + commands:
        s.sendall(c.encode() + b"\r\n")
        print(answer())


def elements(octets):
    at = 0
    while at + 2 <= len(octets):
        tag, n = octets[at], octets[at + 1]
        yield tag, octets[at + 2:at + 2 + n]
        at += 2 + n


def send(s, protocol, payload):
    s.sendall(struct.pack(">HB", len(payload), protocol) + payload)


def receive(s):
    def exactly(n):
        got = b""
        while len(got) < n:
            part = s.recv(n - len(got))
            if not part:
                sys.exit("osmo-hlr closed the connection")
            got += part
        return got

    n, protocol = struct.unpack(">HB", exactly(3))
    return protocol, exactly(n)


def vector(imsi):
    s = socket.create_connection(GSUP, timeout=5)
    name = b"MSC-test\0"
    digits = imsi + "f" * (len(imsi) % 2)
    bcd = bytes(int(digits[i + 1] + digits[i], 16) for i in range(0, len(digits), 2))
    asked = False
    while True:
        if not asked:
            tags = b"".join(struct.pack(">HB", len(name) + 1, t) + name for t in (0, 1, 8))
            send(s, CCM, b"\x05" + tags)
            send(s, OSMO, bytes([OSMO_GSUP, 0x08, 0x01, len(bcd)]) + bcd + b"\x28\x01\x02")
            asked = True
        protocol, payload = receive(s)
        if protocol == CCM and payload[:1] == b"\x00":
            send(s, CCM, b"\x01")
        if protocol != OSMO or payload[0] != OSMO_GSUP:
            continue
        if payload[1] != 0x0A:
            sys.exit(f"osmo-hlr answers {payload.hex()}")
        for tag, value in elements(payload[2:]):
            if tag == 0x03:
                print(json.dumps({TUPLE[t]: v.hex() for t, v in elements(value) if t in TUPLE}))
                return


def open5gs():
    import bson
    from bson import json_util

    for line in sys.stdin:
        d = bson.BSON.encode(json_util.loads(line)).decode()
        assert isinstance(d["security"]["sqn"], bson.int64.Int64), "Open5GS passes over an SQN that has not 64 bits"
        assert d["security"]["op"] is None and isinstance(d["msisdn"], list)
        assert d["slice"][0]["session"][0]["name"] == "internet"


if sys.argv[1] == "vty":
    vty(sys.argv[2:])
elif sys.argv[1] == "vector":
    vector(sys.argv[2])
else:
    open5gs()
