"""Every path of this repository that the documentation names exists.

Looks at `code spans` that begin with a top-level folder, and at relative links. Fenced blocks are examples
and are passed over, as is a path with a placeholder (`<area>`, `…`, `NAME`). `*` and `{a,b}` work as in a
shell: something must match.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("crates", "deploy", "docs", "scripts", "tools", "ui", ".ci")
PATH = re.compile(rf"`((?:{'|'.join(map(re.escape, FOLDERS))})/[^`\s]*)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
PLACEHOLDER = re.compile(r"[<…]|\b[A-Z]{4,}\b(?!\.md)")


def alternatives(path):
    """`a/{b,c}.rs` is `a/b.rs` and `a/c.rs`."""
    braces = re.search(r"\{([^{}]*,[^{}]*)\}", path)
    if not braces:
        return [path]
    return [
        full
        for part in braces[1].split(",")
        for full in alternatives(path[: braces.start()] + part + path[braces.end() :])
    ]


def exists(folder, path):
    path = re.sub(r"(#.*|:\d+(-\d+)?)$", "", path)
    return any(folder.glob(path)) if "*" in path else (folder / path).exists()


def missing(document):
    text = FENCE.sub(lambda block: "\n" * block[0].count("\n"), document.read_text(encoding="utf-8"))
    for number, line in enumerate(text.splitlines(), 1):
        for path in PATH.findall(line):
            if not PLACEHOLDER.search(path) and not all(exists(ROOT, one) for one in alternatives(path)):
                yield number, path
        for link in LINK.findall(line):
            if not re.match(r"[a-z]+:|#", link) and not exists(document.parent, link):
                yield number, link


def main():
    documents = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
    wrong = [
        f"  {document.relative_to(ROOT)}:{number}: {path}"
        for document in documents
        for number, path in missing(document)
    ]
    if wrong:
        print("named, but not there:", *wrong, sep="\n")
        return 1
    print(f"{len(documents)} documents")
    return 0


sys.exit(main())
