"""The developer's command line: run the pipeline here, deploy it, put pictures through it."""
