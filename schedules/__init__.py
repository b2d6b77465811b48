"""What runs when: pure builders of Temporal schedules, and one idempotent apply."""
