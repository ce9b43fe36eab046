#!/usr/bin/python3
"""auc-vectors: what a vector of the AuC must be, computed from what other programs say of it.

usage: auc-vectors.py KIND CK IK RES RAND AUTN NETWORK    prints the fields that belong to the kind, as JSON
NETWORK is the PLMN's digits for eps, else the network's name. The derivations are written here once more, out of the
standards alone; KASME comes from libosmogsm as well, where this machine has it, and must be the same.
"""
import ctypes
import ctypes.util
import hashlib
import hmac
import json
import sys

kind, ck, ik, res, rand, autn, network = sys.argv[1:]
ck, ik, res, rand, autn = (bytes.fromhex(x) for x in (ck, ik, res, rand, autn))
sqn_ak = autn[:6]


def kdf(fc, *parameters):  # TS 33.220 B.2
    s = bytes([fc]) + b"".join(p + len(p).to_bytes(2, "big") for p in parameters)
    return hmac.new(ck + ik, s, hashlib.sha256).digest()


def plmn(digits):  # TS 24.008 10.5.1.13
    d = digits[:3] + digits[3:].ljust(3, "f")
    return bytes.fromhex(d[1] + d[0] + d[5] + d[2] + d[4] + d[3])


def osmo_kasme():
    name = ctypes.util.find_library("osmogsm")
    if not name:
        return None
    out = ctypes.create_string_buffer(32)
    # it takes SQN and AK, and joins them: SQN xor AK and zeros are the same
    ctypes.CDLL(name).osmo_kdf_kasme(ck, ik, plmn(network), sqn_ak, bytes(6), out)
    return out.raw


name = network.encode()
if kind == "umts":
    fields = {"xres": res, "ck": ck, "ik": ik}
elif kind == "eps":
    kasme = kdf(0x10, plmn(network), sqn_ak)
    theirs = osmo_kasme()
    if theirs not in (None, kasme):
        sys.exit(f"KASME: libosmogsm has {theirs.hex()}, and this is {kasme.hex()}")
    print("libosmogsm agrees" if theirs else "libosmogsm is not there", file=sys.stderr)
    fields = {"xres": res, "kasme": kasme}
elif kind == "5g":
    fields = {"xresStar": kdf(0x6B, name, rand, res)[16:], "kausf": kdf(0x6A, name, sqn_ak)}
elif kind == "5g-eap":
    both = kdf(0x20, name, sqn_ak)
    fields = {"xres": res, "ckPrime": both[:16], "ikPrime": both[16:]}
else:
    sys.exit(f"no kind {kind}")
print(json.dumps({k: v.hex() for k, v in fields.items()}))
