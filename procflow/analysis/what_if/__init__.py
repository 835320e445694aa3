"""What small changes would give, by simulating each beside the process as it is, under the same luck."""
