"""Files of others' rules, told by what they say: site files of Full-Text RSS, filter lists of ad blockers."""

from __future__ import annotations

from pathlib import Path

from cleaner.errors import Fault
from cleaner.rules.adopted import Adopted
from cleaner.rules.cosmetic import is_filter_list, read_filter_list
from cleaner.rules.model import Level
from cleaner.rules.siteconfig import is_site_file, read_site_file

SUFFIX = ".txt"
"""Of all such files."""
_LICENCES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "LICENCE.txt", "COPYING", "UNLICENSE")


def adopt(path: Path, level: Level = Level.USER) -> Adopted | None:
    """What comes of a file; None when it is in no format that is known."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        return Adopted(None, {}, (Fault(str(path), None, None, f"cannot be read: {error.strerror or error}"),))
    except UnicodeDecodeError as error:
        return Adopted(None, {}, (Fault(str(path), None, None, f"is not UTF-8 (byte {error.start}); save it as UTF-8"),))
    text = text.replace("\r\n", "\n")
    if is_site_file(path.name, text):
        return read_site_file(text, str(path), level)
    if is_filter_list(text):
        return read_filter_list(text, str(path), level)
    return None


def licence_beside(path: Path) -> str:
    """The first line that says anything of the licence file in a folder, or beside a file; empty without one."""
    folder = path if path.is_dir() else path.parent
    for name in _LICENCES:
        try:
            text = (folder / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        line = next((line.strip() for line in text.split("\n") if line.strip()), "")
        if line:
            return f"{line[:100]} ({name})"
    return ""
