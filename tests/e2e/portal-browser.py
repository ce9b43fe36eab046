"""Goes through the portal's pages in Chromium: each page at two widths, light and dark, with axe-core (0 violations), by
the keyboard alone; screenshots go into a folder. Chromium is driven through a pipe; what it keeps is in its own folder.

usage: portal-browser.py STEP... with the environment PORTAL_URL, PORTAL_WORK, PORTAL_AXE (a file, or empty) and
PORTAL_SPKI (the server's key, SHA-256 in base64). A STEP is
  page NAME LANGUAGE      loads the first page, judges it and takes its pictures
  code KIND CODE          types a code into the form of that kind by keyboard, and sends it by Enter
  press PATH              presses the button of the form that goes there, by Enter
  here NAME               judges the page that is there, and takes its pictures
  authenticator           a virtual authenticator of Chromium, for the passkeys of the steps after it
  desk NAME LANGUAGE WHO PASSWORD CODE IMSI    signs in at PORTAL_DESK and looks a subscriber up
  run COMMAND             of a shell, while the browser waits
Prints a line for each; exit code 1 when something is not as it should be.
"""
import base64
import json
import os
import subprocess
import sys
import time

work, url = os.environ["PORTAL_WORK"], os.environ["PORTAL_URL"]
axe = os.environ.get("PORTAL_AXE")
WIDTHS = {390: 844, 1400: 900}


class Browser:
    def __init__(self):
        to_it, from_us = os.pipe()
        to_us, from_it = os.pipe()
        home = os.path.join(work, "browser")
        os.makedirs(home, exist_ok=True)

        def pipes():
            a, b = os.dup(to_it), os.dup(from_it)
            os.dup2(a, 3), os.dup2(b, 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu",
             "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--hide-scrollbars", f"--user-data-dir={home}/profile", f"--disk-cache-dir={home}/cache",
             f"--crash-dumps-dir={home}/crash", "--ignore-certificate-errors-spki-list=" + os.environ["PORTAL_SPKI"],
             "--proxy-server=direct://", "about:blank"],
            env={**os.environ, "HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home},
            close_fds=False, preexec_fn=pipes, stdout=subprocess.DEVNULL, stderr=open(f"{work}/chromium.log", "ab"))
        os.close(to_it), os.close(from_it)
        self.out, self.inp, self.rest, self.number, self.session = from_us, to_us, b"", 0, None
        self.events = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def read(self):
        while b"\0" not in self.rest:
            part = os.read(self.inp, 1 << 20)
            if not part:
                sys.exit("chromium has ended; see chromium.log")
            self.rest += part
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def wait(self, method):
        deadline = time.time() + 30
        while time.time() < deadline:
            for event in self.events:
                if event.get("method") == method:
                    self.events.clear()
                    return
            self.events.append(self.read())
        sys.exit(f"no {method}")

    def load(self, address):
        self.events.clear()
        self.call("Page.navigate", url=address)
        self.wait("Page.loadEventFired")

    def evaluate(self, text):
        answer = self.call("Runtime.evaluate", expression=text, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            sys.exit(f"{text[:60]}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def key(self, key, code=0, text=""):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code,
                      text=text if kind == "keyDown" else "")

    def end(self):
        os.close(self.out)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def look(browser, name):
    """Both widths, both schemes: fits the window, focus can be seen, axe is content."""
    for width, height in WIDTHS.items():
        for scheme in ("light", "dark"):
            browser.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
            browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
            wide = browser.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                sys.exit(f"{name}: {wide} pixels wide at {width}")
            shot = browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
            with open(f"{work}/shots/{name}-{width}-{scheme}.png", "wb") as f:
                f.write(base64.b64decode(shot["data"]))
            if axe:
                browser.evaluate(open(axe, encoding="utf-8").read() + ";0")
                found = browser.evaluate("axe.run(document,{runOnly:['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']})"
                                         ".then(r=>r.violations.map(v=>v.id+': '+v.nodes.map(n=>n.html).join(' ')))")
                if found:
                    sys.exit(f"{name}, {width}, {scheme}: axe-core finds {found}")
    small = browser.evaluate("[...document.querySelectorAll('button,input:not([type=hidden])')]"
                             ".filter(e=>e.getBoundingClientRect().height<44).length")
    if small:
        sys.exit(f"{name}: {small} targets are less than 44 pixels high")


def tab_to(browser, wanted):
    """By the keyboard: Tab until the element that wanted names has the focus."""
    browser.evaluate("document.activeElement.blur()")
    for _ in range(40):
        browser.key("Tab", 9)
        if browser.evaluate(f"document.activeElement.matches({json.dumps(wanted)})"):
            shown = browser.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            if shown == "none":
                sys.exit(f"the focus on {wanted} cannot be seen")
            return
    sys.exit(f"Tab does not lead to {wanted}")


def sent(browser, act):
    browser.events.clear()
    act()
    browser.wait("Page.loadEventFired")
    print("  " + browser.evaluate("(document.querySelector('[role=alert]')||document.querySelector('.lead')).innerText"))


def send(browser):
    browser.events.clear()
    browser.key("Enter", 13, "\r")
    browser.wait("Page.loadEventFired")


def step(browser, words):
    kind = words.pop(0)
    if kind == "page":
        name, language = words.pop(0), words.pop(0)
        browser.call("Network.setExtraHTTPHeaders", headers={"Accept-Language": language})
        browser.load(url)
        look(browser, name)
        print(f"{name}: {browser.evaluate('document.documentElement.lang')}: "
              + browser.evaluate("document.querySelector('.lead').innerText"))
    elif kind == "here":
        look(browser, words.pop(0))
    elif kind == "code":
        form, code = words.pop(0), words.pop(0)
        tab_to(browser, f"#{form}")
        browser.call("Input.insertText", text=code)
        sent(browser, lambda: browser.key("Enter", 13, "\r"))
    elif kind == "press":
        form = words.pop(0)
        tab_to(browser, f"form[action='{form}'] button")
        sent(browser, lambda: browser.key("Enter", 13, "\r"))
    elif kind == "desk":
        name, language, who, password, code, imsi = (words.pop(0) for _ in range(6))
        browser.call("Network.setExtraHTTPHeaders", headers={"Accept-Language": language})
        browser.load(os.environ["PORTAL_DESK"])
        look(browser, name)
        for field, text in (("name", who), ("password", password), ("code", code)):
            tab_to(browser, f"#{field}")
            browser.call("Input.insertText", text=text)
        send(browser)
        tab_to(browser, "#imsi")
        browser.call("Input.insertText", text=imsi)
        send(browser)
        look(browser, name + "-subscriber")
    elif kind == "run":
        subprocess.run(words.pop(0), shell=True, check=True)
    elif kind == "authenticator":
        browser.call("WebAuthn.enable")
        browser.call("WebAuthn.addVirtualAuthenticator", options={
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True})
    else:
        sys.exit(f"{kind}: no such step")
    for event in browser.events:
        entry = event.get("params", {}).get("entry", {})
        if "Content Security Policy" in entry.get("text", "") and "favicon" not in entry["text"]:
            sys.exit(f"the policy of the page forbids something on it: {entry['text']}")


def main():
    os.makedirs(f"{work}/shots", exist_ok=True)
    browser = Browser()
    words = sys.argv[1:]
    try:
        while words:
            step(browser, words)
    finally:
        browser.end()


main()
