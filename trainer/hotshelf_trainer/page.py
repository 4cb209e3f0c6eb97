"""The reports' HTML: one page without anything outside of it."""

from typing import Any

import jinja2


def rendered(template: str, **values: Any) -> str:
    """The page that a template of this package makes of values; a name that has none is an error."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("hotshelf_trainer"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template(template).render(**values)
