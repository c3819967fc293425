"""A platform that prints nothing."""

from tests.fakes.birds import bird

PLATFORM = bird("wren")
