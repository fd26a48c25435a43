"""Heads for tags, several for an example or none: arrays in, arrays out.

`fitting.fit_tags` fits one; `head.TagsHead` is what is saved and predicts.
"""
