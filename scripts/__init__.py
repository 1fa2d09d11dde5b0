"""What makes numbers that stand in the code; each is run once in a while, by hand, and prints them."""
