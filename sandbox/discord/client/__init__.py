"""Discord's own app as a member uses it: tests call it directly, the demo page over ``/client``."""
