"""Operations on a deployed pipeline: uploads, logs, traces, dead letters, consistency, repair."""
