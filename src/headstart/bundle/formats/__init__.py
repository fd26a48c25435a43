"""One module per format of the manifest, so that every bundle ever written can still be read."""
