#!/usr/bin/python3
"""audit-forms: looks whether reports of an audit are what their forms say.

usage: audit-forms.py SCHEMA NAME ...     (of NAME.json, NAME.sarif, NAME.html)

SARIF is looked at by the rules of its specification (OASIS, SARIF 2.1.0) that a report comes under; by the official
schema too where TWINKEY_SHARED has it (sarif/sarif-schema-2.1.0.json).
"""
import html.parser
import json
import os
import re
import sys

VOID = {"meta", "br", "input", "link", "img", "hr"}
SHORT = {"rect", "line", "circle", "path"}  # of SVG, written with "/>"
checks = 0


def must(holds, what):
    global checks
    checks += 1
    if not holds:
        sys.exit(what)


class Page(html.parser.HTMLParser):
    """Tags are closed in their order; ids are there once, and links lead to them."""

    def __init__(self, name):
        super().__init__()
        self.name, self.open, self.ids, self.links = name, [], set(), []

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if "id" in a:
            must(a["id"] not in self.ids, f"{self.name}: id {a['id']} is there twice")
            self.ids.add(a["id"])
        must(not any(k.startswith("on") for k in a), f"{self.name}: a handler")
        for k in ("href", "src", "xlink:href", "action", "data", "srcset"):
            if k in a:
                must(k == "href" and a[k].startswith("#"), f"{self.name}: {k}={a[k]} asks something of elsewhere")
                self.links.append(a[k][1:])
        if tag == "input":
            must(self.open[-1] == "label", f"{self.name}: an input without a label")
        must(tag not in ("script", "iframe", "object", "embed", "form", "img", "b64", "base"), f"{self.name}: <{tag}>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        must(tag in SHORT, f"{self.name}: <{tag}/>")

    def handle_endtag(self, tag):
        must(self.open and self.open.pop() == tag, f"{self.name}, line {self.getpos()[0]}: </{tag}>")


def look_at_page(name):
    text = open(name, encoding="utf-8").read()
    page = Page(name)
    page.feed(text)
    page.close()
    must(not page.open, f"{name}: left open: {page.open}")
    must(set(page.links) <= page.ids, f"{name}: links to nowhere: {set(page.links) - page.ids}")
    must("default-src 'none'" in text and text.startswith("<!DOCTYPE html>\n<html lang=\"en\">"), f"{name}: its head")
    must(not re.search(r"https?://|url\(|@import", text), f"{name}: it asks something of elsewhere")
    must("prefers-color-scheme:dark" in text and "@media print" in text, f"{name}: its style")


def look_at_json(name, schema):
    report = json.load(open(name))
    try:
        import jsonschema
    except ImportError:
        return
    validator = jsonschema.validators.validator_for(schema)(schema)
    for e in validator.iter_errors(report):
        sys.exit(f"{name}: {list(e.absolute_path)}: {e.message[:200]}")


def look_at_region(region, where):
    must(set(region) <= {"startLine", "endLine", "byteOffset"}, where)
    must(("startLine" in region) != ("byteOffset" in region), f"{where}: of text or of octets")
    if "startLine" in region:
        must(1 <= region["startLine"] <= region["endLine"], where)
    else:
        must(region["byteOffset"] >= 0, where)


def look_at_location(location, run, where):
    physical = location["physicalLocation"]
    artifact = physical["artifactLocation"]
    must(re.fullmatch(r"(file:///)?[A-Za-z0-9/._~%-]+", artifact["uri"]), f"{where}: its URI {artifact['uri']}")
    must(run["artifacts"][artifact["index"]]["location"]["uri"] == artifact["uri"], f"{where}: 3.4.4")
    if "region" in physical:
        look_at_region(physical["region"], where)


def look_at_result(result, run, where):
    rules = run["tool"]["driver"]["rules"]
    must(result["level"] in ("none", "note", "warning", "error"), f"{where}: level (3.27.10)")
    must(result["message"]["text"], f"{where}: message (3.27.11)")
    must(re.fullmatch("[0-9a-f]{32}", result["partialFingerprints"]["twinkeyFinding/v2"]), f"{where}: its print")
    must(result.get("baselineState", "new") in ("new", "unchanged", "updated", "absent"), f"{where}: 3.27.24")
    if "ruleIndex" in result:
        rule = rules[result["ruleIndex"]]
        must(rule["id"] == result["ruleId"], f"{where}: ruleId and ruleIndex (3.27.6)")
        must(rule["defaultConfiguration"]["level"] == result["level"], f"{where}: level")
    for location in result.get("locations", []) + result.get("relatedLocations", []):
        look_at_location(location, run, where)
    for location in result.get("relatedLocations", []):
        must(location["id"] >= 0 and location["message"]["text"], f"{where}: 3.28.2")
    for s in result.get("suppressions", []):
        must(s["kind"] in ("inSource", "external") and s["status"] == "accepted" and s["justification"], f"{where}: 3.35")


def look_at_sarif(name):
    log = json.load(open(name))
    must(log["version"] == "2.1.0" and log["$schema"].endswith("sarif-schema-2.1.0.json"), f"{name}: 3.13")
    must(set(log) == {"$schema", "version", "runs"} and len(log["runs"]) == 1, f"{name}: 3.13")
    run = log["runs"][0]
    must(set(run) == {"tool", "invocations", "artifacts", "results", "properties"}, f"{name}: 3.14")
    driver = run["tool"]["driver"]
    must(driver["name"] and driver["version"], f"{name}: 3.19")
    ids = [rule["id"] for rule in driver["rules"]]
    must(len(ids) == len(set(ids)), f"{name}: two rules of one id (3.49.3)")
    for rule in driver["rules"]:
        for what in ("shortDescription", "fullDescription", "help"):
            must(rule[what]["text"], f"{name}: {rule['id']}: {what}")
        must(rule["defaultConfiguration"]["level"] in ("note", "warning", "error"), f"{name}: 3.50")
    for invocation in run["invocations"]:
        must(invocation["executionSuccessful"] is True, f"{name}: 3.20.14")
        must(re.fullmatch(r"[0-9-]{10}T[0-9:]{8}Z", invocation["endTimeUtc"]), f"{name}: 3.9")
    for artifact in run["artifacts"]:
        must(artifact["roles"] == ["analysisTarget"] and artifact["length"] > 0, f"{name}: 3.24")
        must(re.fullmatch("[0-9a-f]{64}", artifact["hashes"]["sha-256"]), f"{name}: 3.24.11")
    for i, result in enumerate(run["results"]):
        look_at_result(result, run, f"{name}, result {i}")
    schema = os.path.join(os.environ.get("TWINKEY_SHARED", "../shared"), "sarif/sarif-schema-2.1.0.json")
    if os.path.exists(schema):
        look_at_json(name, json.load(open(schema)))


def main():
    schema = json.load(open(sys.argv[1]))
    for name in sys.argv[2:]:
        look_at_json(f"{name}.json", schema)
        look_at_sarif(f"{name}.sarif")
        look_at_page(f"{name}.html")
    print(f"reports are what their forms say: {checks} checks")


main()
