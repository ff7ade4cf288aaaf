"""Operations on a deployed pipeline: uploads, logs, traces, dead letters, repair."""
