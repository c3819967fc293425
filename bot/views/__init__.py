"""Domain values -> Message: plain words, no markup."""
