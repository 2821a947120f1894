"""Ties a fork server to the process that started it, and its workers to the fork server. Imported by the server itself.

Importing does the work: a fork server runs no other code of ours before it forks. A worker is tied from its first
moment, before it imports anything, and the kernel does the rest, whatever the worker is busy with.
"""

from __future__ import annotations

import os

from components.common.parent_death import signal_on_parents_death

signal_on_parents_death()
os.register_at_fork(after_in_child=signal_on_parents_death)
