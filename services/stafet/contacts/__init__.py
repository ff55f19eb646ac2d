"""Contacts: who turned to the hotline and to outreach, and what became of it.

Decides by dated opening hours whose turn it is, and that who does not want to be referred is only counted.

Topics in: `stafet-contact-v1` (contact.reported).
Topics out: `stafet-contact-v1` (all but contact.reported).
"""
