#!/usr/bin/env python3
"""A second verifier of a Legation journal in SQLite, written from journal-format.md. Needs nothing but Python 3.8.

    verify_journal.py DATABASE KEY [CHECKPOINT-FILE ..]

KEY is NAME+ID+KEY as `legation keys show` prints it; checkpoint files are what was kept elsewhere, one note each.
Exit code 0 and "OK", or 1 and the first thing that is wrong.
"""

import base64
import datetime
import hashlib
import sqlite3
import struct
import sys


class Wrong(Exception):
    """What does not fit."""


def need(fits, what):
    if not fits:
        raise Wrong(what)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# --- Ed25519 (RFC 8032 section 5.1.7), verification only, on extended coordinates

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(a, b):
    s, t = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    u, v = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = t - s, v - u, v + u, t + s
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, point):
    result = (0, 1, 1, 0)
    while n:
        if n & 1:
            result = add(result, point)
        point, n = add(point, point), n >> 1
    return result


def same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def point_of(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(public, text, signature):
    key, r, s = point_of(public), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or key is None or r is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % Q
    return same(times(s, BASE), add(r, times(h, key)))


# --- the tree (RFC 6962 section 2.1)


def peaks(hashes):
    """The roots of the perfect subtrees, largest first."""
    stack = []
    for height, hash in ((0, hash) for hash in hashes):
        while stack and stack[-1][0] == height:
            hash, height = sha256(b"\1", stack.pop()[1], hash), height + 1
        stack.append((height, hash))
    return [hash for _, hash in stack]


def root(hashes):
    tops = peaks(hashes) or [sha256()]
    while len(tops) > 1:
        right = tops.pop()
        tops[-1] = sha256(b"\1", tops[-1], right)
    return tops[0]


# --- entries and checkpoints


class Leaf:
    def __init__(self, data):
        self.data, self.at = data, 0
        need(self.take(1) == b"\1", "version")
        self.seq, self.micros = struct.unpack(">Qq", self.take(16))
        self.texts = [self.text() for _ in range(7)]
        pairs = [(self.text(), self.take(32)) for _ in range(self.short())]
        self.commitments = dict(pairs)
        need([name for name, _ in pairs] == sorted(self.commitments, key=str.encode), "order of the commitments")
        need(self.at == len(data), "bytes behind the leaf")

    def take(self, n):
        part = self.data[self.at : self.at + n]
        need(len(part) == n, "a leaf that ends too early")
        self.at += n
        return part

    def short(self):
        return struct.unpack(">H", self.take(2))[0]

    def text(self):
        return self.take(self.short()).decode("utf-8")


def micros(text):
    since = datetime.datetime.fromisoformat(text) - datetime.datetime(1970, 1, 1)
    return since // datetime.timedelta(microseconds=1)


def checkpoint(note, key, origin):
    """Size and root of a note that this key signed."""
    name, key_id, public = key.split("+", 2)
    public = base64.b64decode(public, validate=True)
    known = sha256(name.encode(), b"\n", public)[:4]
    need(public[:1] == b"\1" and known.hex() == key_id, "the key itself")
    lines = note.split("\n")
    need(len(lines) == 6 and lines[3] == "" == lines[5], "form of the checkpoint")
    need(lines[0] == origin == name, "the checkpoint is another installation's")
    start = "\u2014 " + name + " "
    need(lines[4].startswith(start), "the checkpoint's signature line")
    signature = base64.b64decode(lines[4][len(start) :], validate=True)
    text = "".join(line + "\n" for line in lines[:3]).encode()
    need(signature[:4] == known and signed(public[1:], text, signature[4:]), "the checkpoint's signature")
    return int(lines[1]), base64.b64decode(lines[2], validate=True)


def verify(db, key, elsewhere):
    (installation,) = db.execute("SELECT id FROM installation").fetchone()
    values = {}
    for seq, name, salt, value in db.execute("SELECT seq, name, salt, value FROM journal_values"):
        values.setdefault(seq, []).append((name, sha256(salt, value.encode())))
    hashes = []
    columns = "seq, leaf, leaf_hash, at, actor_id, organisation_id, action, object_kind, object_id, request_id"
    for i, row in enumerate(db.execute("SELECT " + columns + " FROM journal ORDER BY seq")):
        seq, data, stored, at = row[:4]
        where = "entry %d: " % i
        need(seq == i, where + "number")
        need(sha256(b"\0", data) == stored, where + "hash")
        leaf = Leaf(data)
        need(leaf.seq == i and leaf.micros == micros(at), where + "number or time in the leaf")
        need(leaf.texts == [installation] + [text or "" for text in row[4:]], where + "columns")
        for name, commitment in values.get(i, ()):
            need(leaf.commitments.get(name) == commitment, where + "value " + name)
        hashes.append(stored)
    count, frontier = db.execute("SELECT count, frontier FROM journal_head").fetchone()
    need((count, frontier) == (len(hashes), b"".join(peaks(hashes))), "the head: %d entries" % count)
    for height, no, hash in db.execute("SELECT height, no, hash FROM journal_nodes"):
        below = hashes[no << height : (no + 1) << height]
        need(len(below) == 1 << height and root(below) == hash, "subtree %d of height %d" % (no, height))
    notes = [(note, (size, bytes(kept))) for size, kept, note in db.execute("SELECT size, root, note FROM checkpoints")]
    for note, row in notes + [(note, None) for note in elsewhere]:
        size, signed_root = checkpoint(note, key, "legation.journal/" + installation)
        need(row in (None, (size, signed_root)), "a checkpoint's columns")
        need(size <= len(hashes), "a checkpoint of %d entries: the journal is shorter" % size)
        need(root(hashes[:size]) == signed_root, "a checkpoint of %d entries: they are other ones" % size)
    return "OK: %d entries, root %s, %d checkpoints" % (len(hashes), root(hashes).hex(), len(notes) + len(elsewhere))


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    elsewhere = [open(path, encoding="utf-8").read() for path in sys.argv[3:]]
    db = sqlite3.connect("file:%s?mode=ro" % sys.argv[1], uri=True)
    try:
        print(verify(db, sys.argv[2], elsewhere))
    except (Wrong, ValueError, struct.error) as wrong:
        sys.exit("wrong: %s" % wrong)


if __name__ == "__main__":
    main()
