"""What Discord refuses, and how it words its errors."""
