from pathlib import Path


def write_atomically(path: Path, data: bytes) -> None:
    """Readers see the old content or the new one, never a part. One writer at a time. Raises `OSError`."""
    new = path.with_name(f"{path.name}.new")
    new.write_bytes(data)
    new.replace(path)
