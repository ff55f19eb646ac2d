"""What support decides, without I/O: a step and what is known of the case in, things and facts out.

`machines` say what may follow what, `rules` who may say it; `deciding` takes a step through both, and
`telling` makes a fact of it. What has more to it has a module: `children`, `stays`, `homeward`, `places`.

A closed case keeps its open stays: that nothing more is to be done moves nobody out, and what the shelter
says later is still taken. An erased case tells nothing more: what is said of it is refused, and nobody is
said to have left who may not have.
"""
