"""A copy of the database before something that touches much: what undo is not enough for."""

from crm_cli.context import App


class Precaution:
    """At most one copy in a run, taken when it is certain that something will be written; none for a trial."""

    def __init__(self, app: App, reason: str) -> None:
        self.app = app
        self.reason = reason
        self.is_due = not app.dry_run and is_wanted(app)

    def take(self) -> None:
        """CrmError where no copy can be made: then nothing may be written either."""
        if self.is_due:
            from crm_cli.store.backups import before

            before(self.app.database, self.reason, now=self.app.now, elsewhere=elsewhere(self.app))
            self.is_due = False


def is_wanted(app: App) -> bool:
    """Whether the setting `backup` leaves automatic copies on."""
    return app.config.get("backup").strip().lower() not in ("off", "no", "false", "0")


def elsewhere(app: App) -> str:
    """The folder that the setting backup-dir names."""
    import os

    return os.path.expanduser(app.config.get("backup-dir").strip())
