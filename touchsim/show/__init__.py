"""What people read: stories of one customer and self-contained reports."""
