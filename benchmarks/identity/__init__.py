"""Who is who, measured: data with known truth, one evaluator, Foyer beside Splink."""
