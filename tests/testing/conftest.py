"""The plugin's fixtures, also where the plugin is not installed as one."""

from __future__ import annotations

from ceyx.testing.plugin import _ceyx_stage, ceyx_service, ceyx_settings

__all__ = ["_ceyx_stage", "ceyx_service", "ceyx_settings"]
