"""Ready-made mappings, by slug. A new one is a module with a PRESET, named here."""

from integrations.files.presets import dx, eventim, pretix, ticketco, ticketmaster, tixly
from integrations.files.presets.base import PresetMapping

PRESETS: dict[str, PresetMapping] = {
    module.PRESET.slug: module.PRESET for module in (ticketmaster, dx, eventim, tixly, ticketco, pretix)
}

__all__ = ["PRESETS", "PresetMapping"]
