"""Every crate we build with is one that deny.toml admits.

The bans, licences and sources of cargo-deny, from the same file, but without its installation of five
minutes. Security advisories need their database and so a network: `cargo deny check advisories`.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]


def metadata():
    command = ["cargo", "metadata", "--format-version", "1", "--all-features"]
    if os.environ.get("CI") == "true":
        command.append("--locked")
    return json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)


def admitted(expression, allowed):
    """Whether an SPDX expression can be met with the allowed licences. AND binds closer than OR."""
    # The old form `MIT/Apache-2.0` means OR; a licence with an exception is one word.
    tokens = re.findall(r"[()]|[^\s()]+(?: WITH [^\s()]+)?", expression.replace("/", " OR "))

    def either():
        met = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            met = both() or met
        return met

    def both():
        met = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            met = one() and met
        return met

    def one():
        token = tokens.pop(0)
        if token != "(":
            return token in allowed
        met = either()
        tokens.pop(0)  # the closing parenthesis
        return met

    return either()


def objections(package, banned, allowed):
    if package["name"] in banned:
        yield f"is banned: {banned[package['name']]}"
    if not package["license"]:
        yield "names no licence"
    elif not admitted(package["license"], allowed):
        yield f"has the licence {package['license']}"
    # A crate without a source is a path in this workspace.
    if package["source"] and not package["source"].endswith("/crates.io-index"):
        yield f"comes from {package['source']}"


def main():
    rules = tomllib.loads((ROOT / "deny.toml").read_text(encoding="utf-8"))
    banned = {ban["crate"]: ban["reason"] for ban in rules["bans"]["deny"]}
    allowed = set(rules["licenses"]["allow"])

    graph = metadata()
    used = {node["id"] for node in graph["resolve"]["nodes"]}
    packages = [package for package in graph["packages"] if package["id"] in used]
    wrong = [
        f"  {package['name']} {package['version']} {objection}"
        for package in packages
        for objection in objections(package, banned, allowed)
    ]
    if wrong:
        print("not admitted by deny.toml:", *wrong, sep="\n")
        return 1
    print(f"{len(packages)} crates")
    return 0


sys.exit(main())
