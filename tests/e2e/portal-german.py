"""A page is in German, and nothing that it shows is what the tables of words and of states have in English. What the log
says (the timeline) is as it was written.

usage: portal-german.py TOP PAGE, the tree and a file of HTML; what is English is printed, exit code 1
"""
import html
import re
import sys

top, page = sys.argv[1:]
TEXTS = r'((?:"[^"]*"\s*)+)'


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def joined(literals):
    return "".join(re.findall(r'"([^"]*)"', literals))


words = re.findall(rf"WORD\(\w+,\s*{TEXTS},\s*{TEXTS}\)", read(f"{top}/host/operator/web/words.def"))
words = [(joined(en), joined(de)) for en, de in words]
steps = [joined(text) for text in re.findall(rf"\]\s*=\s*{TEXTS}", read(f"{top}/host/operator/policy/state.c"))]
english = [max(en.split("{}"), key=len).strip(" .:") for en, de in words if en != de]
english += [text for text in steps if " " in text]
if len(english) < 100 or not any(" " in text for text in steps):
    sys.exit("the tables are elsewhere by now")
text = read(page)
if '<html lang="de">' not in text:
    sys.exit("the page is not in German")
hidden = r'<script>.*?</script>|<ol class="timeline".*?</ol>|<[^>]*aria-label="|<[^>]*>'
shown = html.unescape(re.sub(hidden, "\n", text, flags=re.S))
found = [e for e in english if re.search(rf"(?<!\w){re.escape(e)}(?!\w)", shown)]
print(found)
sys.exit(bool(found))
