"""Seeded random input at every place where something comes in from outside."""
