"""Many clients of the portal and of the release at once, some of them slow, broken, or too much: each of an address of
its own. Counts the answers by kind; among them one user asks once a second, and must be answered.

usage: portal-load.py PORTAL-PORT RELEASE-PORT CLIENTS SECONDS CA
"""
import asyncio
import collections
import json
import random
import re
import ssl
import sys
import time

portal, release, clients, seconds = map(int, sys.argv[1:5])
tls = ssl.create_default_context(cafile=sys.argv[5])
tls.check_hostname = False
end = time.monotonic() + seconds
answers = collections.Counter()  # (kind, status or what became of the connection)
waited = []  # of the user, in seconds
FORM = "Content-Type: application/x-www-form-urlencoded"
PATIENCE_S = 60  # longer than any limit of the server: who waits so long hangs


async def connect(address, port):
    return await asyncio.open_connection("127.0.0.1", port, ssl=tls, server_hostname="localhost", local_addr=(address, 0))


async def answer(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    body = await reader.readexactly(int(length[1])) if length else b""
    return int(head.split()[1]), head, body


def request(method, path, body=b"", heads=()):
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *heads]
    if method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def talk(kind, address, port, requests):
    """One connection: requests() gives one after the other, out of the answer before."""
    writer = None
    try:
        reader, writer = await connect(address, port)
        said = None
        while (asked := requests(said)) is not None:
            writer.write(asked)
            await writer.drain()
            said = await asyncio.wait_for(answer(reader), PATIENCE_S)
            answers[kind, said[0]] += 1
        return said
    except asyncio.TimeoutError:
        answers[kind, "hangs"] += 1
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        answers[kind, "closed"] += 1
    finally:
        if writer:
            writer.transport.abort()
    return None


def visit():
    """A page, and a wrong code by its form."""
    step = iter(range(2))

    def requests(said):
        n = next(step, None)
        if n == 0:
            return request("GET", "/")
        if n == 1 and said[0] == 200 and (token := re.search(rb'name="token" value="([0-9a-f]*)"', said[2])):
            cookie = re.search(rb"(?i)set-cookie: ([^;]*)", said[1])[1].decode()
            body = f"token={token[1].decode()}&code={random.randrange(10**6):06}".encode()
            heads = [f"Cookie: {cookie}", FORM, "Origin: https://localhost"]
            return request("POST", "/totp", body, heads)
        return None
    return requests


def once(*asked):
    step = iter(asked)
    return lambda said: next(step, None)


async def ordinary(address):
    await talk("user", address, portal, visit())


async def module(address):
    body = json.dumps({"challenge": "AAAA"}).encode()
    await talk("release", address, release, once(request("POST", "/twinkey/v1/release/grant", body, ["Content-Type: application/json"])))


async def huge(address):
    await talk("huge", address, portal, once(request("POST", "/totp", b"code=" + b"1" * 10_000_000, [FORM])))


async def slow(address):
    """An octet a second, until the server has enough of it."""
    begun, writer = time.monotonic(), None
    try:
        reader, writer = await connect(address, random.choice((portal, release)))
        for octet in request("GET", "/", heads=["X-Long: " + "x" * 200]):
            writer.write(bytes([octet]))
            await writer.drain()
            await asyncio.sleep(1)
            if reader.at_eof() or time.monotonic() > end:
                break
        answers["slow", "hangs" if time.monotonic() - begun > PATIENCE_S else "closed"] += 1
    except OSError:
        answers["slow", "closed"] += 1
    finally:
        if writer:
            writer.transport.abort()


async def broken(address):
    """No TLS, half a handshake, no HTTP, half a request."""
    writer = None
    try:
        if random.random() < 0.5:
            reader, writer = await asyncio.open_connection("127.0.0.1", random.choice((portal, release)), local_addr=(address, 0))
            writer.write(random.choice((b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", random.randbytes(300))))
        else:
            reader, writer = await connect(address, portal)
            writer.write(random.choice((random.randbytes(500), b"POST /totp HTTP/1.1\r\nContent-Length: 50\r\n\r\ncode=1", b"GET /\r\n\r\n")))
        await writer.drain()
        await asyncio.wait_for(reader.read(1000), random.random())
        answers["broken", "closed"] += 1
    except asyncio.TimeoutError:
        answers["broken", "left"] += 1
    except OSError:
        answers["broken", "closed"] += 1
    finally:
        if writer:
            writer.transport.abort()


async def client(number):
    address = f"127.0.{1 + number // 250}.{1 + number % 250}"
    kind = [ordinary] * 6 + [module] * 2 + [broken, slow if number % 20 == 19 else huge]
    while time.monotonic() < end:
        await kind[number % 10](address)
        await asyncio.sleep(random.random() / 4)


async def watched():
    while time.monotonic() < end:
        begun = time.monotonic()
        said = await talk("watched", "127.0.0.1", portal, once(request("GET", "/")))
        if said:
            waited.append(time.monotonic() - begun)
        await asyncio.sleep(1)


async def main():
    await asyncio.gather(watched(), *map(client, range(clients)))

asyncio.run(main())
waited.sort()
print(json.dumps({"answers": {f"{kind} {what}": n for (kind, what), n in sorted(answers.items(), key=str)},
                  "watched": {"answered": len(waited), "median": round(waited[len(waited) // 2], 3), "longest": round(waited[-1], 3)}
                  if waited else None}, indent=1))
