"""Rules tried on a corpus: what a new rule, or a new pack, would change there; and rules made of a line that somebody points at."""
