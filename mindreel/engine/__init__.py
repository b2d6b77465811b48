"""Runs processes: the embedded Temporal server and the workers, all under one data directory.

    supervisor.py   holds the home's lock, starts server and workers, restarts what dies, drains
    server.py       the server's command line, when it is ready, its search attributes
    ports.py        which ports a home uses, the same ones after a restart
    child.py        one child process and its restart policy
    idle.py         when a background engine has had nothing to do for long enough
    state.py        engine.json: who runs where; how others find, join and stop an engine
    background.py   joins a running engine or starts one detached
    processes.py    spawn so that a child dies with its parent, terminate then kill
    signals.py      SIGTERM, SIGINT, SIGHUP and SIGCHLD as things a loop can wait for
    locks.py logs.py scratch.py

Files in a home: engine.lock, server.lock, spawn.lock (locks), engine.json (who runs), engine.joined (touched
by commands that rely on a running engine), ports.json, temporal*.db, logs/.

Linux and macOS. Only Linux can tie a child's life to its parent's (prctl(2), PR_SET_PDEATHSIG); elsewhere
children of a supervisor killed with -9 live on, the server's lock stays held, and the next start says so.
"""
