"""Makes a component of a tenant's Python, on the tenant's own machine. Never part of the runtime."""

from __future__ import annotations

from stratagem._build.component import DEFAULT_FUNCTIONS, Built, Plan, build
from stratagem._build.errors import BuildError

__all__ = ["DEFAULT_FUNCTIONS", "BuildError", "Built", "Plan", "build"]
