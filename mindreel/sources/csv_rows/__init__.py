from mindreel.sources.csv_rows.parse import parse

__all__ = ["parse"]
