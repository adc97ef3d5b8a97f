"""Many processes: started in order, kept running, seen from outside, and cleaned up after."""
