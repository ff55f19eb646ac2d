# What of authlib the simulator of the immigration service uses; authlib has no types.
