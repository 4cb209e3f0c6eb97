"""The demo: learns a recommender, serves it, and swaps in a better version under traffic. A user like any other."""
