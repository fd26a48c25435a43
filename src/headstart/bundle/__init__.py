"""The saved model: a folder of plain files."""
