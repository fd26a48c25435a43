"""The gentle way: the whole model adjusts a little. The only rooms that import torch, and only when used."""
