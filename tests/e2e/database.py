#!/usr/bin/env python3
"""Asks servers of the hlr_auc_gw protocol for vectors, one after the other, until a file is there.

usage: database.py STOP IMSI SOCKET...
Prints how many vectors were given, how many requests were refused, and how many had no answer in 60 seconds.
"""
import os
import socket
import sys
import threading
import time

stop, imsi, servers = sys.argv[1], sys.argv[2], sys.argv[3:]
given, refused, lost = [], [], []


def ask(server, n):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    own = f"{stop}.{n}"
    s.bind(own)
    s.connect(server)
    s.settimeout(60)
    while not os.path.exists(stop):
        s.send(f"AKA-REQ-AUTH {imsi}".encode())
        try:
            words = s.recv(2000).decode().split()
        except socket.timeout:
            lost.append(server)
            break
        if words[2] == "FAILURE":
            refused.append(server)
            time.sleep(0.01)
        else:
            given.append(words[2])  # RAND
    s.close()
    os.unlink(own)


threads = [threading.Thread(target=ask, args=(server, n)) for n, server in enumerate(servers * 2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
assert len(set(given)) == len(given)
print(len(given), len(refused), len(lost))
