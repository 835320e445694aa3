"""The compiled core of the simulator: arrays in, arrays out. It knows nothing of processes, files or people."""
