"""All that a connector's author imports: the contract, the errors, the manifest, transports and test helpers."""
