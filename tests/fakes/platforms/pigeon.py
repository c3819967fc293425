"""A platform that can print something."""

from tests.fakes.birds import bird

PLATFORM = bird("pigeon", sings=True)
