"""A little of Azure Blob Storage: pictures, and the signed links that open them for a while."""
