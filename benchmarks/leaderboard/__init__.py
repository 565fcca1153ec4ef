"""The leaderboard: every structure and rival over every key set, measured cell by cell."""
