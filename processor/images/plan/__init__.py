"""Plans: sizes, crops and order of the renditions, before any pixel is touched."""
