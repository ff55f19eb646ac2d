"""The vault's operations, one module each; all of them get the ports of one transaction as `Tools`."""
