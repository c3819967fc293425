"""Shells on hosts: this machine and, over SSH, any other.

Both keep one contract (tests/contracts/shell.py). A command is an argument vector that reaches its program
exactly as it is; its input is empty; its status is the one that a POSIX shell would report: 127 when there
is no such program, 126 when it cannot be started, 128 + n when signal n ended it.
"""
