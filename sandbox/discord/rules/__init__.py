"""What Discord refuses, and the words it refuses with."""
