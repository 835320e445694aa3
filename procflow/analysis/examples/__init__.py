"""An example for each rule: a small process in which it finds something, and what would excuse it."""
