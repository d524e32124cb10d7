"""What is held, why, how long, who gets it; and what the privacy lead has to look at."""
