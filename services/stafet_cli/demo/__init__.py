"""The judge of the demo: the partners' own records against the hub's events, and the search for leaks.

`records` and `hub_facts` read what happened, `trail` follows each message, `order` finds what came twice or
too early, `expectations` compares answers with the plan, `leaks` searches every store, `report` counts and
judges, `table` shows it. Nothing here starts anything.
"""
