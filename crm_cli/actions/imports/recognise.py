"""What a file is, told by its headers: the preset of another system, else the kind of record."""

from collections.abc import Sequence

from crm_cli.actions.imports.plan import ImportOptions, kind_of
from crm_cli.errors import Misuse
from crm_cli.formats.presets import Preset, preset_named, recognise
from crm_cli.rules.aliases import target_of


def understand(headers: Sequence[str], options: ImportOptions, source: str) -> ImportOptions:
    """The options with the kind of record and the preset that the headers tell.

    What was typed is believed: with --as no preset is looked for, and with --map none that has no such field.
    """
    preset = _preset_of(headers, options)
    if preset is None:
        return options._replace(kind=kind_of(headers, options, source))
    return options._replace(
        kind=preset.kind,
        preset=preset,
        source_name=preset.source if options.source_name == "csv" else options.source_name,
        currency=options.currency or preset.currency,
        date_order=options.date_order or preset.date,
    )


def _preset_of(headers: Sequence[str], options: ImportOptions) -> Preset | None:
    if options.preset_name:
        named = preset_named(options.preset_name, headers, options.preset_folder)
        if options.kind and named.kind != options.kind:
            raise Misuse("{name} holds {kind}; leave out --as, or leave out --from.", name=named.name, kind=named.kind)
        return named
    if options.kind or {"id", "uuid"} <= set(headers):
        return None
    found = recognise(headers, options.preset_folder)
    if found is None or any(_unknown(found.kind, field) for field in options.maps.values()):
        return None
    return found


def _unknown(kind: str, field: str) -> bool:
    return field.strip() not in ("", "-", "ignore", "skip", "custom") and target_of(kind, field) is None
