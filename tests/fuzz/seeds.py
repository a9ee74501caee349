#!/usr/bin/env python3
"""Writes what fuzzing begins with, from what this project holds already: seeds and a dictionary.

    seeds.py FOLDER

makes FOLDER/seeds/playbook, FOLDER/seeds/facts and FOLDER/playbook.dict anew. Seeds are the
playbooks that are shipped, with what their tests say to them; the examples of the documentation,
wrong ones too; and the attacks on the sandbox that are tests.
"""

import hashlib
import json
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SEPARATOR = "\n%%\n"
STAGES = 'fn stages() { [stage("greet", ["offer"]), stage("offer", [])] }\n'
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)


def read(path):
    return path.read_text(encoding="utf-8")


def keep(folder, text):
    """Under a name that its content gives, so that the same seed is written once."""
    name = hashlib.sha256(text.encode()).hexdigest()[:16]
    (folder / name).write_text(text, encoding="utf-8")


def blocks(page):
    return re.findall(r"```rhai\n(.*?)\n```", page, re.DOTALL)


def whole(example):
    """An example as a playbook, with the module that it shows, if any."""
    playbook, *modules = re.split(r"// scripts/lib/\w+\.rhai\n", example)
    names = re.findall(r"// scripts/lib/(\w+)\.rhai\n", example)
    for name in names:
        playbook = playbook.replace(f'"{name}"', '"words"')
    if "fn reply(" not in playbook:
        is_declaring = re.search(r"^fn ", playbook, re.MULTILINE)
        reply = "fn reply(turn) { [answer()] }" if is_declaring else None
        playbook = f"{playbook}\n{reply}" if reply else f"fn reply(turn) {{\n{playbook}\n}}"
    if "fn stages(" not in playbook:
        playbook = STAGES + playbook
    return SEPARATOR.join([playbook, *modules[:1]])


def said(tests):
    """What customers say in conversations of tests, in order."""
    lines = re.findall(r"says: (.+)", read(tests))
    return [line.strip("\"'") for line in lines]


def shipped(folder):
    homes = [(ROOT, "demo")]
    homes += [(home, home.name) for home in sorted((ROOT / "scripts/starters").iterdir())]
    for home, name in homes:
        playbook = read(home / f"scripts/playbooks/{name}.rhai")
        talk = said(home / f"scripts/tests/{name}.yaml")
        for start in range(0, len(talk), 6):
            keep(folder, SEPARATOR.join([playbook, "", *talk[start : start + 6]]))


def documented(folder):
    pages = [*sorted((ROOT / "docs/lints").glob("*.md")), ROOT / "docs/tutorial.md"]
    for page in [*pages, ROOT / "docs/playbook-reference.md"]:
        for example in blocks(read(page)):
            keep(folder, whole(example))


def tested(folder):
    """Strings of the crate's own tests that look like scripts, and attacks, which are bodies."""
    for path in sorted((ROOT / "src/playbook").rglob("*.rs")):
        for literal in STRING.findall(read(path)):
            text = re.sub(r"\\\n\s*", "", literal)
            text = text.replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")
            if "fn " in text or path.name == "attacks.rs":
                keep(folder, whole(text))


def facts(folder):
    homes = [ROOT, *sorted((ROOT / "scripts/starters").iterdir())]
    for home in homes:
        catalog = read(home / "config/catalog.yaml")
        faq = read(home / "config/faq.yaml")
        keep(folder, SEPARATOR.join([catalog, faq]))
        keep(folder, catalog)
        keep(folder, SEPARATOR.join(["", faq]))
    for literal in STRING.findall(read(ROOT / "src/knowledge/load/tests.rs")):
        keep(folder, re.sub(r"\\\n\s*", "", literal).replace("\\n", "\n").replace('\\"', '"'))


def dictionary(file):
    """Every word of the script API, as the reference names it, and those of the language."""
    reference = read(ROOT / "docs/playbook-reference.md")
    words = set(re.findall(r"`(\w{2,40})`", reference))
    words |= set(re.findall(r"(\w{2,40})\(", reference))
    words |= {"turn.", "turn.slots.", "import \"words\" as w;\n", "w::", "fn reply(turn) {", "#{ en: \"", "|x|"}
    words |= {"switch ", " => ", "for n in 0..", "while ", "loop {", "try {", "} catch (e) {", "throw "}
    words |= {"return ", "break;", "let ", "const ", "private fn ", "this.", "global::", SEPARATOR}
    words |= {"??", "?.", "?[", "..=", "`${", "}`", "//", "/*", "*/", "\\u{1F4A1}", "9223372036854775807"}
    lines = [f"{json.dumps(word, ensure_ascii=True)}" for word in sorted(words)]
    # libFuzzer reads hexadecimal escapes only.
    text = "\n".join(line.replace("\\n", "\\x0A") for line in lines)
    file.write_text(re.sub(r"\\u(\w{4})", "", text) + "\n", encoding="ascii")


def main():
    folder = Path(sys.argv[1])
    shutil.rmtree(folder / "seeds", ignore_errors=True)
    playbook, yaml = folder / "seeds/playbook", folder / "seeds/facts"
    for made in (playbook, yaml):
        made.mkdir(parents=True)
    shipped(playbook)
    documented(playbook)
    tested(playbook)
    facts(yaml)
    dictionary(folder / "playbook.dict")


if __name__ == "__main__":
    main()
