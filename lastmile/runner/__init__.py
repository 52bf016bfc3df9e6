"""The process runner behind `manage.py up`: starts the parts, watches them, and leaves nothing behind."""
