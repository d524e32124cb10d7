"""National opt-out registers: monthly files, and marks on contact points."""
