"""The image routes: a request is read, held against the rules, drawn, billed and answered."""
