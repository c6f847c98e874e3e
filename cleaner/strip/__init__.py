"""Rules over a document: which lines and spans go, each with the rule that says so.

What goes is a fixed point: rules are applied to what they leave until nothing more goes, so cleaning clean text changes nothing.
Every condition speaks of single lines (or of a window of consecutive non-blank lines), so after the first pass only what lies
beside a removal is matched again.
"""

from cleaner.strip.stripper import Stripped, Stripper, left_by

__all__ = ["Stripped", "Stripper", "left_by"]
