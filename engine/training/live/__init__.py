"""What changes and is observed while a training runs: control, events, schedules."""
