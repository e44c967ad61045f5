"""Access from one account to another: planned, made, verified and taken down. No front end is needed."""
