"""`python -m sweepbook`, which is the command `sweepbook`."""

import sys

from sweepbook.analysis.cli.main import main

sys.exit(main())
