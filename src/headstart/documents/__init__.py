"""Documents that a person has (manuals, help pages, mails), read into sections with their place."""
