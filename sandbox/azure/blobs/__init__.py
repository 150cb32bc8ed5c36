"""A small part of Azure Blob Storage: pictures, and signed links that give access to them for a time."""
