"""Messages in a fixed-width face: tables and bars as lines of text, within a width and within a length."""
