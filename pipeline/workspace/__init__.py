"""What lies in inputs/ and outputs/, and what people wrote beside their recordings."""
