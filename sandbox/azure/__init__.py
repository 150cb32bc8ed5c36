"""A simulated Azure OpenAI resource for images, with its Entra tenant and blob storage."""
