"""Training of the networks that find the places: torch is imported here and nowhere else in the package."""
