"""Start workers: `python worker_main.py --queues cpu gpu`."""

from mindreel.cli.worker import main

if __name__ == "__main__":
    main()
