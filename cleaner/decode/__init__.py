"""Bytes to text; records which encoding they were in."""

from cleaner.decode.readings import declared_in, decode, require_text

__all__ = ["declared_in", "decode", "require_text"]
