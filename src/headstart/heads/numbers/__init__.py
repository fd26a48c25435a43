"""Heads that predict numbers: a price, an age, seconds, stars from 1 to 5. Arrays in, arrays out.

`fitting.fit_numbers` fits one; `head.NumbersHead` is what is saved and what predicts.
"""
