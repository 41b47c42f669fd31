"""Chat endpoints that speak the OpenAI API: any server, or llama.cpp on this machine."""
