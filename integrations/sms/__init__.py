"""SMS that customers send to the house, handed on by a gateway: who says stop is heard at once."""
