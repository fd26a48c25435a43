"""How each target is learned from prepared examples and measured."""
