"""The terminal UI. It shows what the rooms below say and decides nothing about AWS."""
