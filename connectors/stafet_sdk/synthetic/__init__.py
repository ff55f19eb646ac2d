"""Synthetic referrals for simulators and tests: real anonymised profiles, invented people, one seed."""

from stafet_sdk.synthetic.people import Person, people
from stafet_sdk.synthetic.profiles import Profile, profiles

__all__ = ["Person", "Profile", "people", "profiles"]
