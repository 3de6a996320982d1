#!/usr/bin/env python3
"""Words of news, as `story-eval --words` prints them -> a file of word vectors for Rafid (docs/stories.md).

    cargo run --release -p story-eval -- --eval news.jsonl --words > words.jsonl
    python3 tools/story-vectors/train.py words.jsonl vectors.bin

It needs numpy and nothing else. A vector learns what a word says about the rest of its article: the vector of one part
of an article (its title, or title and summary) must find the other part among the articles of the same days, and most
of the words that both parts have are taken out of the second, so that the other words must do it.
"""
import argparse
import collections
import json
import struct

import numpy as np

MAGIC = b"RFDVEC01"
DIMENSIONS = 96
FRONT_LETTERS = "بلكفو"
ENDINGS = ("هما", "ها", "هم", "نا", "ه")


def base_form(word, counts):
    """The word without an attached letter or pronoun, where that is the commoner word by far."""
    forms = [word[1:]] if word[0] in FRONT_LETTERS and len(word) >= 4 else []
    for ending in ENDINGS:
        stem = word[: -len(ending)]
        if word.endswith(ending) and len(stem) >= 3:
            # «مدرسته» is «مدرسه» with a pronoun; «مدرسه» is no word with one.
            if stem.endswith("ت"):
                forms.append(stem[:-1] + "ه")
            if ending != "ه" or stem.endswith("ت"):
                forms.append(stem)
    best = max(forms, key=lambda form: counts.get(form, 0), default=None)
    return best if best and counts.get(best, 0) >= 3 * max(counts[word], 1) else None


def choose_words(articles, fewest, most):
    """The words that get a vector, the commonest first, and the number of each form."""
    counts = collections.Counter(word for article in articles for part in article[1:] for word in part)
    forms = {}
    for word in counts:
        base = word
        for _ in range(2):
            base = base_form(base, counts) or base
        forms[word] = base
    totals = collections.Counter()
    for word, base in forms.items():
        totals[base] += counts[word]
    chosen = sorted((w for w in totals if totals[w] >= fewest), key=lambda w: (-totals[w], w))[:most]
    number = {word: at for at, word in enumerate(chosen)}
    return chosen, {word: number[base] for word, base in forms.items() if base in number}


class Bags:
    """Some bags of words: the vector of each is the sum of its words' vectors, of length one."""

    def __init__(self, bags):
        rows, words, weights = [], [], []
        for row, bag in enumerate(bags):
            unique, times = np.unique(bag, return_counts=True)
            rows.append(np.full(len(unique), row))
            words.append(unique)
            weights.append(1 + np.log(times))
        self.count = len(bags)
        self.rows, self.words = np.concatenate(rows), np.concatenate(words)
        self.weights = np.concatenate(weights).astype(np.float32)[:, None]

    def vectors(self, table):
        sums = np.zeros((self.count, table.shape[1]), np.float32)
        np.add.at(sums, self.rows, self.weights * table[self.words])
        lengths = np.linalg.norm(sums, axis=1, keepdims=True) + 1e-6
        return sums / lengths, lengths

    def gradient(self, of_vectors, vectors, lengths):
        """The gradient of the words, from that of the vectors."""
        along = (vectors * of_vectors).sum(1, keepdims=True)
        of_sums = (of_vectors - vectors * along) / lengths
        return self.words, self.weights * of_sums[self.rows]


def first_vectors(articles, words_count, random):
    """Start values: words that occur in the same articles get similar vectors (random indexing, with rare words first)."""
    bags = [np.unique(np.concatenate(parts)) for _, *parts in articles]
    in_articles = np.bincount(np.concatenate(bags), minlength=words_count)
    rarity = np.log((len(bags) + 1) / (in_articles + 0.5)).astype(np.float32)[:, None]
    table = random.normal(0, 1, (words_count, DIMENSIONS)).astype(np.float32) * rarity
    for _ in range(2):
        sums = np.zeros_like(table)
        for bag in bags:
            of_article = table[bag].sum(0)
            sums[bag] += of_article / (np.linalg.norm(of_article) + 1e-6)
        sums -= sums.mean(0)
        table = sums / (np.linalg.norm(sums, axis=1, keepdims=True) + 1e-9) * rarity
    lengths = np.linalg.norm(table, axis=1, keepdims=True) + 1e-9
    common = in_articles / max(in_articles.sum(), 1)
    return (table / lengths * (1e-3 / (1e-3 + common))[:, None]).astype(np.float32)


def two_parts(article, random):
    """Two parts of an article that must find one another."""
    _, title, summary, text = article
    if len(summary) >= 6:
        choice = random.random()
        if choice < 0.3:
            return title, summary[:60]
        if choice < 0.6 and len(text) >= 25:
            return np.concatenate((title, summary[:60])), text[:80]
        if choice < 0.8 and len(text) >= 25:
            return summary[:60], text[:80]
        return title, (text if len(text) >= 25 else summary)[:60]
    if random.random() < 0.6 or len(text) < 90:
        return title, text[:60]
    return np.concatenate((title, text[:15])), text[15:75]


def without_shared(one, other, share, random):
    """The second part without most of the words that the first one has."""
    kept = [word for word in other if random.random() >= share or word not in one]
    return np.array(kept or other[:1], np.int64)


def train(articles, table, arguments, random):
    slopes = np.full((len(table), 1), 1e-3, np.float32)
    by_day = sorted(range(len(articles)), key=lambda at: articles[at][0])
    for epoch in range(arguments.epochs):
        # Articles of the same days are the hardest to tell apart.
        order = np.array(by_day)
        batches = [order[at : at + arguments.batch] for at in range(0, len(order), arguments.batch)]
        random.shuffle(batches)
        losses = []
        for batch in (batch for batch in batches if len(batch) > 1):
            pairs = [two_parts(articles[at], random) for at in batch]
            ones = Bags([one for one, _ in pairs])
            others = Bags([without_shared(set(one), other, arguments.drop, random) for one, other in pairs])
            (u, u_lengths), (v, v_lengths) = ones.vectors(table), others.vectors(table)
            scores = u @ v.T / arguments.temperature
            right = np.eye(len(batch), dtype=np.float32)
            found = [softmax(scores), softmax(scores.T).T]
            losses.append(-np.log(np.diag(found[0]) + 1e-9).mean())
            slope = (found[0] + found[1] - 2 * right) / (2 * len(batch) * arguments.temperature)
            gradient = np.zeros_like(table)
            for words, of_words in (ones.gradient(slope @ v, u, u_lengths), others.gradient(slope.T @ u, v, v_lengths)):
                np.add.at(gradient, words, of_words)
            changed = np.flatnonzero(np.abs(gradient).sum(1))
            step = gradient[changed]
            slopes[changed] += (step * step).mean(1, keepdims=True)
            table[changed] -= arguments.rate * step / np.sqrt(slopes[changed])
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}", flush=True)
    return table


def softmax(scores):
    powers = np.exp(scores - scores.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def mean_of_sentences(articles, table, random):
    """The mean vector of titles with summaries (or the beginnings of texts), the title counting twice."""
    chosen = random.permutation(len(articles))[:6000]
    bags = []
    for at in chosen:
        _, title, summary, text = articles[at]
        bags.append(np.concatenate((title, title, summary[:60] if len(summary) else text[:25])))
    return Bags(bags).vectors(table)[0].mean(0).astype("<f4")


def write_file(path, words, table, mean):
    scales = (np.abs(table).max(1) / 127).astype("<f2")
    scales[scales == 0] = np.float16(6e-8)
    rows = np.clip(np.rint(table / scales.astype(np.float32)[:, None]), -127, 127).astype(np.int8)
    order = sorted(range(len(words)), key=lambda at: words[at].encode())
    keys = [words[at].encode() for at in order]
    ends = np.cumsum([0] + [len(key) for key in keys]).astype("<u4")
    with open(path, "wb") as file:
        file.write(MAGIC + struct.pack("<III", len(words), DIMENSIONS, int(ends[-1])))
        for part in (mean.tobytes(), ends.tobytes(), b"".join(keys), scales[order].tobytes(), rows[order].tobytes()):
            file.write(part)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", help="JSON lines with day, title, summary and text: lists of words")
    parser.add_argument("vectors", help="the file to write")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--batch", type=int, default=768)
    parser.add_argument("--rate", type=float, default=0.05)
    parser.add_argument("--temperature", type=float, default=0.08)
    parser.add_argument("--drop", type=float, default=0.7, help="the share of common words that the second part loses")
    parser.add_argument("--fewest", type=int, default=8, help="occurrences from which a word gets a vector")
    parser.add_argument("--most", type=int, default=34_000, help="words with a vector")
    arguments = parser.parse_args()
    random = np.random.default_rng(arguments.seed)
    with open(arguments.words, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    articles = [(row["day"], row["title"], row["summary"], row["text"]) for row in rows]
    words, numbers = choose_words(articles, arguments.fewest, arguments.most)
    known = lambda part: np.array([numbers[word] for word in part if word in numbers], np.int64)
    articles = [(day, *map(known, parts)) for day, *parts in articles]
    articles = [it for it in articles if len(it[1]) >= 2 and max(len(it[2]), len(it[3])) >= 6]
    print(f"{len(articles)} articles, {len(words)} words", flush=True)
    table = train(articles, first_vectors(articles, len(words), random), arguments, random)
    write_file(arguments.vectors, words, table, mean_of_sentences(articles, table, random))


if __name__ == "__main__":
    main()
