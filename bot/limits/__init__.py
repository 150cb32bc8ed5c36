"""Who may make what, how big and how much: the rules, and the ledger that enforces them."""
