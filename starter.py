"""The command line: `python starter.py run SOURCE`, see `--help`."""

from mindreel.cli.main import main

if __name__ == "__main__":
    main()
