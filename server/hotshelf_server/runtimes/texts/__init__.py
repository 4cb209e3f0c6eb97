"""The check of a LightGBM model text, before LightGBM reads it: `hotshelf_server.runtimes.texts.check`."""
