"""Commands as somebody types them."""

import os
import subprocess
import sys

from app.settings import Settings
from tests.support.serving import ROOT


def typed(settings: Settings, *words: str, read: str = "") -> subprocess.CompletedProcess[str]:
    """Types `verkeerstoren` and what follows; `read` is on its standard input."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        cwd=ROOT,
        # Wide enough not to wrap a path.
        env={**os.environ, **settings.variables(), "COLUMNS": "500"},
        input=read,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
