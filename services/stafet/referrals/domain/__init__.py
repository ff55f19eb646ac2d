"""What becomes of a referral, without I/O: who may receive it, its state machine, and what follows out."""
