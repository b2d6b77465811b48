"""Every workflow id, schedule id and task queue name."""

CPU_QUEUE = "mindreel-cpu"
GPU_QUEUE = "mindreel-gpu"
CONTROL_QUEUE = "mindreel-control"
"""Quick work that must never wait behind media: rows, gates, outcomes. CPU workers serve it too."""
INBOX_QUEUE = "mindreel-inbox"
"""Looks into inboxes and reports there, a few at once: a folder that hangs holds up nothing else. CPU too."""
NOTICE_QUEUE = "mindreel-notices"
"""Webhooks, a few at once: a receiver that never answers holds up nothing else. CPU workers serve it too."""

CSV_SCAN_SCHEDULE = "mindreel-csv-scan"
CLEANUP_SCHEDULE = "mindreel-cleanup"
CSV_SCAN_ID = "csv-scan"
"""Of the scans that the schedule starts; the server adds the time."""
CLEANUP_ID = "cleanup"


def scan_workflow_id(token: str) -> str:
    """Of a scan that a person asked for; never one that the schedule would choose."""
    return f"{CSV_SCAN_ID}-asked-{token}"


def video_workflow_id(video_id: str) -> str:
    """One workflow a video: the same video twice joins or reuses."""
    return f"video-{video_id}"


def batch_workflow_id(batch: str) -> str:
    """One workflow a batch: a changed file joins the one that is going on."""
    return f"batch-{batch}"


def playlist_workflow_id(batch: str, row: int) -> str:
    """One reading at a time of the playlist that a row names."""
    return f"playlist-{batch}-{row}"


def site_workflow_id(site: str) -> str:
    """One gate a site."""
    return f"site-{site}"


def notice_workflow_id(subject: str, run_id: str) -> str:
    """One notice a finished run of a video or batch; `subject` is that run's workflow id."""
    return f"notice-{subject}-{run_id}"
