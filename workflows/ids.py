"""Every workflow id and task queue name."""

CPU_QUEUE = "mindreel-cpu"
GPU_QUEUE = "mindreel-gpu"


def video_workflow_id(video_id: str) -> str:
    """One workflow a video: the same video twice joins or reuses."""
    return f"video-{video_id}"
