"""A process that works on a spool until it is killed: `spool_victim.py ROLE FOLDER`.

It says on stdout what it may count on: "added 7" after item 7 was accepted.
"""

import sys
from itertools import count
from pathlib import Path

from xray.spool.folder import Spool
from xray.spool.item import New, Product


def receive(spool: Spool) -> None:
    for number in count():
        staged = spool.store.stage([f"film {number}".encode() * 100])
        added = spool.items.add(New(staged, "dicom", key=f"1.2.{number}"))
        sys.stdout.write(f"added {added.id}\n")
        sys.stdout.flush()


def classify(spool: Spool) -> None:
    while items := spool.items.claim("dicom", holder="victim", count=2):
        for item in items:
            spool.store.read(item.file)
            product = spool.store.stage([f"report {item.id}".encode()])
            wanted = [Product("pacs", "sr", product.file, {"uid": f"9.{item.id}"})]
            if spool.items.finish(item, {"label": "Hand"}, wanted):
                sys.stdout.write(f"classified {item.id}\n")
                sys.stdout.flush()
    sys.stdout.write("empty\n")


def deliver(spool: Spool) -> None:
    while found := spool.deliveries.claim("pacs", holder="victim"):
        for each in found:
            # The receiver: knows a report by its name, however often it comes.
            received = spool.folder / "received" / each.about["uid"]
            received.write_bytes(spool.store.read(each.file))
        spool.deliveries.done(found)
        sys.stdout.write(f"delivered {found[0].item}\n")
        sys.stdout.flush()
    sys.stdout.write("empty\n")


if __name__ == "__main__":
    with Spool(Path(sys.argv[2]), keep_free=0) as opened:
        {"receive": receive, "classify": classify, "deliver": deliver}[sys.argv[1]](
            opened
        )
