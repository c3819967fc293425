"""A fake Slack that the real slack-bolt and slack_sdk talk to, strict about what Slack documents."""

from tests.servers.fake_slack.shapes import Call, Interaction, Shown, UploadedFile, View
from tests.servers.fake_slack.slack import FakeSlack

__all__ = ["Call", "FakeSlack", "Interaction", "Shown", "UploadedFile", "View"]
