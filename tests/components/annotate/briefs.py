"""What the tests' writers and rankers know of a clip."""

from components.annotate.action_units import ActionUnit
from components.annotate.brief import Brief

SMILE = {"AU12": ActionUnit("lip corner puller", "high", 0.8, "both")}
HAPPY = Brief("m001_happy", "happy", 3, SMILE, "man")
