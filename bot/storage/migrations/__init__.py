"""The steps from each schema to the next, applied by ``bot.storage.upgrade``."""
