"""`python -m stafet_cli` is `stafet`: how a process of the hub starts another one."""

from stafet_cli.main import main

main()
