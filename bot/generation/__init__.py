"""Pictures from Azure OpenAI: the request and the result, what each model can do, and the call itself."""
