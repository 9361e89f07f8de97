"""Asks those validators that live beside our own libraries: ``python -m tests.validators BAG``."""

from __future__ import annotations

import sys
from pathlib import Path

import bagit
import mlcroissant
from huggingface_hub import DatasetCard, ModelCard


def main(bag: Path) -> None:
    """Raise what any of them says against the archive ``bag`` and the cards in it."""
    bagit.Bag(str(bag)).validate()
    print(f"{bag}: a bag")
    for file in sorted(bag.glob("data/**/croissant.json")):
        dataset = mlcroissant.Dataset(jsonld=file)
        if found := dataset.metadata.ctx.issues.report():
            raise ValueError(found)
        for records in dataset.metadata.record_sets:
            next(iter(dataset.records(records.uuid)))
        print(f"{file.relative_to(bag)}: Croissant whose data can be read")
    for file in sorted(bag.glob("data/cards/*/README.md")):
        is_data = (file.parent / "croissant.json").is_file()
        card = (DatasetCard if is_data else ModelCard).load(file)
        print(f"{file.relative_to(bag)}: a card, {len(card.data.to_dict())} keys of metadata")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
