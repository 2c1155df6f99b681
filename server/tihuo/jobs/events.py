"""What is announced of jobs: {"job": JobView}. Staff with the job's own permission see it live."""

CHANGED = "job_changed"
