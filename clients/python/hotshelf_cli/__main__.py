"""``python -m hotshelf_cli``: the command, where its script is not on the path."""

import sys

from hotshelf_cli.main import main

sys.exit(main())
