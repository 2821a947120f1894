"""Flows: commands of their own, or run by a Prefect worker. Loading Prefect takes seconds, in which Ctrl-C is quiet."""

import signal
import sys

if sys.argv[:1] == ["-m"]:  # so Python calls itself while it looks for the module that it shall run: a command starts
    from components.common.machine.loopback import exempt_loopback
    from components.common.machine.places import settle

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    exempt_loopback()
    settle()  # Prefect reads its settings once, when it is imported
