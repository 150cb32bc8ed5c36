"""The process itself: memory, the interpreter, the commands under way."""
