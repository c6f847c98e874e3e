"""Many documents: folders to folders, and streams to streams."""
