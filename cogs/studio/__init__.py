"""``/studio``: pausing, blocking, and what every moderator command shares."""
