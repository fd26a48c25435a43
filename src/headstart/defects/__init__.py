"""Defects from good parts alone: how odd a picture is, where, and how often good ones are called odd."""
