"""`manage.py up`: web server, workers and schedule as children of one process, on the embedded servers."""
