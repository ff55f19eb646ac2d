"""What becomes of a step about identification, without I/O: what is known and was said in, a decision out."""
