"""Pages of the practices: what everybody reads, and what an author writes."""
