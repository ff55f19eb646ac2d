"""`stafet simulate` as it is typed; what it does is in `simulate.py`."""

from pathlib import Path
from typing import Annotated

import typer

from stafet_cli.typed import do, guarded, output, settings_of

Home = Annotated[Path | None, typer.Option(help="Folder of keys, partners and logs.")]


def simulate(  # noqa: PLR0913, PLR0917 - the options of a command are its interface
    agency: Annotated[
        str, typer.Argument(help="police, redcross, shelter, immigration, or another installed connector's.")
    ],
    home: Home = None,
    hub: Annotated[str, typer.Option(help="Base URL of the hub's gateway; by default this machine's.")] = "",
    referrals: Annotated[int, typer.Option(min=0, help="How many persons it refers, if it does.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed sends the same.")] = 1,
    rate: Annotated[
        float | None, typer.Option(help="Messages per second; by default as fast as answered.")
    ] = None,
    faults: Annotated[
        str, typer.Option(help="Fault scripts of its receiving side, with commas between.")
    ] = "",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="Port; by default the one that the hub's partner file names.")
    ] = 0,
    withdrawals: Annotated[
        int,
        typer.Option(min=0, max=100, help="How many of a hundred persons withdraw consent at the Red Cross."),
    ] = 0,
    to: Annotated[
        str, typer.Option(help="Further agencies that the police refer to, with commas between.")
    ] = "",
    documents: Annotated[
        int,
        typer.Option(min=0, max=100, help="How many of a hundred referrals a file is sent about."),
    ] = 0,
    fetch: Annotated[
        str, typer.Option(help="Base URL of the hub's dispatch, where it is not the gateway's.")
    ] = "",
) -> None:
    """Run an agency's system beside the hub, on real sockets."""
    from stafet_cli.simulate import drop_port, introduction, own_port  # noqa: PLC0415 - each command loads what it needs when run
    from stafet_cli.simulate import simulate as run_simulator  # noqa: PLC0415 - see above
    from stafet_sdk.simulator import SimulatorOptions  # noqa: PLC0415 - see above

    settings = settings_of(home)
    chosen = port or guarded(lambda: own_port(settings.home, agency))
    url = hub or f"https://127.0.0.1:{settings.gateway_port}"
    scripts = tuple(each for each in faults.split(",") if each)
    options = SimulatorOptions(
        agency,
        settings.home,
        url,
        chosen,
        seed=seed,
        referrals=referrals,
        faults=scripts,
        rate=rate,
        host=host,
        withdrawals=withdrawals,
        receivers=tuple(each for each in to.split(",") if each),
        fetch_url=fetch,
        drop_port=guarded(lambda: drop_port(settings.home, agency)),
        documents=documents,
    )
    output.print(introduction(options), markup=False)
    do(run_simulator(options))
