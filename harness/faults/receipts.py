"""What every fault demands of the receipts it hands on."""

from __future__ import annotations

from collections.abc import Sequence

from harness.errors import LaboratoryError
from harness.faults.base import Edge, Receipt


def proven(fault: str, edge: Edge, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
    """Return the receipts; raises LaboratoryError when there are none, for then nothing was changed."""
    if not receipts:
        raise LaboratoryError(
            f"the fault {fault!r} found nothing to change on the link {edge.link!r}: the link has neither proxy nor host"
        )
    return receipts


def says(fault: str, edge: Edge, receipt: Receipt, word: str) -> Receipt:
    """Return the receipt; raises LaboratoryError when what was read back does not hold the word that it must."""
    if word not in receipt.read_back:
        raise LaboratoryError(
            f"the fault {fault!r} does not stand on the link {edge.link!r}: "
            f"asked for {receipt.asked!r}, read back {receipt.read_back!r}, which lacks {word!r}"
        )
    return receipt
