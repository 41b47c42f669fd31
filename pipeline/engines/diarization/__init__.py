"""Who speaks when, from the sound alone: segmentation, speaker embeddings, clustering."""
