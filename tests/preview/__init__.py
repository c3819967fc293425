"""What people see, as pictures: golden messages drawn as Slack and Discord draw them, shot by Chromium.

`python -m tests.preview` draws the pictures of the README anew.
"""
