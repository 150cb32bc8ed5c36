"""A simulated Azure OpenAI resource for images, with the Entra tenant and the blob storage around it."""
