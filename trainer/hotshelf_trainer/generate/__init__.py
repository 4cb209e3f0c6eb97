"""Purchases of made-up customers, by a known law, of any size in bounded memory."""

from hotshelf_trainer.generate.law import Law
from hotshelf_trainer.generate.writing import Made, generate, law_of

__all__ = ["Law", "Made", "generate", "law_of"]
