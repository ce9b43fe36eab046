"""A stand-in for the gateway's socket: says who is attached at an address, out of a file of JSON that is read for
each question: {"127.0.0.1": {"mac": ..., "imsi": ..., "subscription": 1, "since": ...}}; "mute" holds the line.

usage: gateway-stand-in.py SOCKET FILE
"""
import json
import os
import socket
import sys
import time

path, table = sys.argv[1:]
if os.path.exists(path):
    os.unlink(path)
server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
server.bind(path)
os.chmod(path, 0o600)
server.listen(64)
while True:
    connection, _ = server.accept()
    address = connection.makefile().readline().strip()
    with open(table, encoding="utf-8") as f:
        who = json.load(f).get(address)
    if who == "mute":
        time.sleep(1)
    elif who == "nonsense":
        connection.sendall(b'{"attached":true,"mac":"<script>"}\n')
    else:
        answer = {"attached": True, **who} if who else {"attached": False}
        connection.sendall(json.dumps(answer).encode() + b"\n")
    connection.close()
