#!/usr/bin/env python3
"""Articles -> the dictionary that records of the store are compressed with (docs/store.md).

    python3 tools/record-dictionary/train.py articles.jsonl [...] assets/record-dictionary-1.bin

It needs pyzstd and nothing else. Each line of an input is a JSON object with `source`, `url`, `title`, and `body` or
`summary`. The dictionary holds sequences of at most three words that occur in the articles of several sources, and markup;
no sentence of any article. A dictionary that a release wrote with must never change: another one gets another number and
another code in `src/store/records/envelope.rs`.
"""
import argparse
import collections
import json
import random
import re

import pyzstd

CONTENT_BYTES = 32_000
MOST_WORDS = 3
FEWEST_ARTICLES = 12
FEWEST_SOURCES = 4
LEVEL = 1
# What records have beside words: tags as the sanitizer writes them, addresses, references.
MARKUP = (
    '<p></p><p><strong></strong><br><ul><li></li></ul><h2></h2><h3></h3><blockquote></blockquote><div></div>'
    '<img src="https://www..com/wp-content/uploads/2026/11/.jpg" alt="" width="1200" height="800">'
    '<figure><figcaption></figcaption></figure><a href="https://www..com/news/2026/11/">'
    'urn:uuid:https://www..net/ar/article/&#160;&quot;&amp;&nbsp;'
)
RUN = re.compile(r"[\u0621-\u064a]+(?: [\u0621-\u064a]+)*")


def sequences(text):
    """The sequences of up to three words in a text, each once."""
    found = set()
    for run in RUN.findall(text):
        words = run.split(" ")
        for length in range(1, MOST_WORDS + 1):
            found.update(" ".join(words[at : at + length]) for at in range(len(words) - length + 1))
    return found


def common_sequences(articles):
    """The sequences of several sources, the most useful first: by how many bytes they save."""
    counts, sources = collections.Counter(), collections.defaultdict(set)
    for article in articles:
        for sequence in sequences(article["title"] + " . " + text_of(article)):
            counts[sequence] += 1
            sources[sequence].add(article["source"])
    common = [
        (sequence, count)
        for sequence, count in counts.items()
        if count >= FEWEST_ARTICLES and len(sources[sequence]) >= FEWEST_SOURCES and len(sequence) >= 3
    ]
    common.sort(key=lambda row: (-row[1] * (len(row[0].encode()) - 3), row[0]))
    return [sequence for sequence, _ in common]


def text_of(article):
    return article.get("body") or article.get("summary") or ""


def content(articles):
    """The words of the dictionary. The most useful are last: the shortest distances lead there."""
    chosen, text, size = [], "", 0
    for sequence in common_sequences(articles):
        if f" {sequence} " in f" {text}":
            continue
        chosen.append(sequence + " ")
        text += sequence + " "
        size += len(chosen[-1].encode())
        if size >= CONTENT_BYTES:
            break
    return ("".join(reversed(chosen)) + MARKUP).encode()


def record(article, with_body):
    """An article about as the store has it: identifiers, title, address, a short text, a long text."""
    numbers = random.Random(article["url"])
    text = text_of(article)
    html = "".join(f"<p>{line.strip()}</p>" for line in text.split("\n") if line.strip()) if with_body else ""
    address = article["url"].encode()
    head = bytes(numbers.getrandbits(8) for _ in range(40))
    return b"\x00".join([head, article["title"].encode(), address, text[:200].encode(), html[:3000].encode(), address])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("articles", nargs="+")
    parser.add_argument("dictionary")
    arguments = parser.parse_args()
    articles = [json.loads(line) for path in arguments.articles for line in open(path, encoding="utf-8")]
    words = content(articles)
    samples = [record(article, number % 2) for number, article in enumerate(articles)]
    raw = pyzstd.ZstdDict(words, is_raw=True)
    trained = pyzstd.finalize_dict(raw, samples, len(words) + 4_000, LEVEL)
    with open(arguments.dictionary, "wb") as file:
        file.write(trained.dict_content)
    print(f"{len(articles)} articles, {len(words)} bytes of words, {len(trained.dict_content)} in all")


if __name__ == "__main__":
    main()
