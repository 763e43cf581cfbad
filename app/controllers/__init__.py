"""Decisions: each controller owns one page or panel and knows no other controller."""
