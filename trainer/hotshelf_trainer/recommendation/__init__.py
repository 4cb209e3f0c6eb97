"""Recommenders: from purchases to a published version. `pipeline` reads straight down."""
