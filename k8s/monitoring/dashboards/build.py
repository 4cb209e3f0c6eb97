"""Dashboards as Grafana reads them."""

import json
from collections.abc import Iterator
from itertools import count

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from k8s.monitoring.catalogue import known
from k8s.monitoring.dashboards.spec import BYTES, PER_SECOND, SHARE, Board, Look, Panel, Variable

SOURCE = models.DataSourceRef(type_val="prometheus", uid="${datasource}")
HEIGHTS = {Look.NUMBER: 4, Look.TABLE: 8, Look.LINES: 8, Look.STACK: 8}
COLOURS = ("green", "yellow", "red")
FROM_ZERO = (PER_SECOND, SHARE, BYTES)
TAG = "hotshelf"
OF_MODEL = "{{model}}"
TO_MODEL = "/d/hotshelf-model?var-model=${__field.labels.model}&${__url_time_range}"

Drawn = timeseries.Panel | stat.Panel | table.Panel


def as_json(board: Board, runbooks: str) -> str:
    """A dashboard's JSON; ``runbooks`` is where their folder is found."""
    made = dashboard.Dashboard(board.title).uid(board.uid).description(board.about).tags([TAG]).readonly()
    made = made.time("now-1h", "now").refresh("30s").timezone("browser").tooltip(models.DashboardCursorSync.CROSSHAIR)
    for link in _links(runbooks):
        made = made.link(link)
    made = made.with_variable(dashboard.DatasourceVariable("datasource").label("data source").type("prometheus"))
    for variable in board.variables:
        made = made.with_variable(_variable(variable))
    if board.event is not None:
        event = dashboard.AnnotationQuery().name(board.event.legend).datasource(SOURCE).icon_color("blue")
        made = made.annotation(event.enable(True).expr(board.event.expr))  # noqa: FBT003 - as above
    numbers = count(1)
    for row in board.rows:
        made = made.with_row(dashboard.Row(row.title).id(next(numbers)))
        for panel in row.panels:
            made = made.with_panel(_panel(panel, runbooks).id(next(numbers)))
    return json.dumps(made.build(), cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def described(panel: Panel, runbooks: str) -> str:
    """What the catalogue says of a panel's metrics, and the runbooks of the alerts that watch them."""
    specs = known()
    told = [panel.note] if panel.note else []
    told += [f"`{name}`: {specs[name].help}\n\nWhen it looks wrong: {specs[name].action}" for name in panel.metrics]
    if panel.alerts:
        pages = ", ".join(f"[{name}]({runbooks.rstrip('/')}/{name}.md)" for name in panel.alerts)
        told.append(f"Runbooks: {pages}")
    return "\n\n".join(told)


def _links(runbooks: str) -> Iterator[dashboard.DashboardLink]:
    others = dashboard.DashboardLink("Hotshelf").type(models.DashboardLinkType.DASHBOARDS).tags([TAG])
    yield others.as_dropdown(True).include_vars(True).keep_time(True)  # noqa: FBT003 - the builder's own form
    if runbooks.startswith("http"):  # a path leads nowhere from Grafana
        books = dashboard.DashboardLink("Runbooks").type(models.DashboardLinkType.LINK).url(runbooks).icon("doc")
        yield books.target_blank(True)  # noqa: FBT003 - as above


def _variable(variable: Variable) -> dashboard.QueryVariable:
    made = dashboard.QueryVariable(variable.name).datasource(SOURCE).query(variable.query)
    made = made.refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED).sort(models.VariableSort.NUMERICAL_ASC)
    if variable.every:
        made = made.include_all(True).all_value(".*").multi(True)  # noqa: FBT003 - as above
        made = made.current(models.VariableOption(selected=True, text=["All"], value=["$__all"]))
    return made


def _panel(panel: Panel, runbooks: str) -> Drawn:
    made = _drawn(panel).title(panel.title).description(described(panel, runbooks)).datasource(SOURCE).unit(panel.unit)
    made = made.span(panel.width).height(HEIGHTS[panel.look])
    for place, query in enumerate(panel.queries):
        target = prometheus.Dataquery().expr(query.expr).ref_id(chr(ord("A") + place)).legend_format(query.legend)
        target = target.instant().format(PromQueryFormat.TABLE) if panel.look is Look.TABLE else target.range()
        made = made.with_target(target.exemplar(panel.exemplars) if panel.exemplars else target)
    if any(OF_MODEL in query.legend for query in panel.queries):
        made = made.data_links([dashboard.DashboardLink("Hotshelf, one model").url(TO_MODEL)])
    if panel.limits:
        steps = [models.Threshold(value=None, color=COLOURS[0])]
        steps += [models.Threshold(limit, colour) for limit, colour in zip(panel.limits, COLOURS[1:], strict=False)]
        made = made.thresholds(dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps))
    return made


def _drawn(panel: Panel) -> Drawn:
    """An empty panel of its look."""
    if panel.look is Look.NUMBER:
        options = common.ReduceDataOptions().calcs(["lastNotNull"])
        return stat.Panel().reduce_options(options).graph_mode(kinds.BigValueGraphMode.AREA)
    if panel.look is Look.TABLE:
        return table.Panel()
    legend = common.VizLegendOptions().display_mode(kinds.LegendDisplayMode.TABLE).calcs(["lastNotNull", "max"])
    legend = legend.placement(kinds.LegendPlacement.BOTTOM).show_legend(True)  # noqa: FBT003 - as above
    tooltip = common.VizTooltipOptions().mode(kinds.TooltipDisplayMode.MULTI).sort(kinds.SortOrder.DESCENDING)
    made = timeseries.Panel().legend(legend).tooltip(tooltip).fill_opacity(10).show_points(kinds.VisibilityMode.NEVER)
    if panel.unit in FROM_ZERO:
        made = made.min(0)
    if panel.look is Look.STACK:
        return made.stacking(common.StackingConfig().mode(kinds.StackingMode.NORMAL)).fill_opacity(40)
    if panel.limits:
        made = made.thresholds_style(common.GraphThresholdsStyleConfig().mode(kinds.GraphThresholdsStyleMode.DASHED))
    return made
