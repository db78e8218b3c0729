"""Every table of a run that is written beside its log: one name, one frame.

    kpis       key figures                          cohorts    customers by the month of their birth
    promise    promised against delivered           lifetime   what a customer is worth
    targets    goals, where the scenario has some

Called by the command line and by the report of a run.
"""

from __future__ import annotations

import pandas as pd

from touchsim.log.eventlog import EventLog
from touchsim.measure.cohorts import cohorts
from touchsim.measure.goals import targets
from touchsim.measure.kpis import kpis
from touchsim.measure.lifetime import lifetime_value
from touchsim.measure.promise import promise_gap

__all__ = ["tables_of_run"]


def tables_of_run(log: EventLog) -> dict[str, pd.DataFrame]:
    """Measure a log in every way that is written to a file.

    Returns
    -------
    dict
        Name of the file without its ending to its table; ``targets`` only where the scenario has some.

    Examples
    --------
    >>> import touchsim as ts
    >>> list(tables_of_run(ts.simulate(ts.load_scenario("corner_shop"), customers=50)))
    ['kpis', 'cohorts', 'promise', 'lifetime']
    """
    found = {"kpis": kpis(log), "cohorts": cohorts(log), "promise": promise_gap(log), "lifetime": lifetime_value(log)}
    return found | ({"targets": targets(log)} if log.provenance.get("targets") else {})
