"""All that a connector's author imports: contract, errors, manifest, transports and simulator tools."""
