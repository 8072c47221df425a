"""The build of the vendored networks from the packages they came from."""
