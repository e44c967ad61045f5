"""The command line: one file a verb, one place that prints and maps errors to exit statuses."""
