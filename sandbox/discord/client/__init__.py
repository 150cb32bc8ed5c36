"""Discord's own app in a member's hand: for tests as calls, for the demo page over ``/client``."""
