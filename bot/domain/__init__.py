"""Values and decisions: frozen, pure, without clock, dice or I/O."""
