"""The quick activities of batches, gates and notices with their parts."""

import os

from temporalio.client import Client

from activities.batch_report import BatchReportActivity
from activities.batch_rows import BatchRowsActivities
from activities.batch_videos import BatchVideosActivities
from activities.histories import HistoriesActivity
from activities.notice import NoticeActivity
from activities.outcome import OutcomeActivity
from activities.scan import ScanActivities, WakeActivity
from activities.site import SiteActivities, nothing_to_fetch
from mindreel.bootstrap.activities import Activity, fetching
from mindreel.bootstrap.inboxes import inbox_for
from mindreel.bootstrap.stores import Stores, open_ledger, open_stores
from mindreel.contracts.batch import CsvFile
from mindreel.notify.webhook import Webhook
from mindreel.report.batch_csv import render_csv
from mindreel.report.batch_page import render_page
from mindreel.settings import Settings
from mindreel.sources.csv_rows.parse import parse
from mindreel.sources.guard import Guard
from mindreel.sources.sites import site_of_url
from mindreel.sources.upstream import take_upstream
from workflows.ids import video_workflow_id


def control_activities(settings: Settings, client: Client) -> list[Activity]:
    """Everything that must never wait behind media, nor behind a folder or a receiver that hangs."""
    stores, ledger = open_stores(settings), open_ledger(settings)
    rows = BatchRowsActivities(ledger, settings.batch.patience_s, site_of_url)
    videos = BatchVideosActivities(client, ledger, stores.catalog, video_workflow_id)
    resolve, download = fetching(settings, stores)
    site = SiteActivities(client, settings.sites, nothing_to_fetch(resolve, download))
    return [
        WakeActivity(client).wake_batches,
        rows.take_rows,
        rows.change_batch,
        rows.refuse_row,
        videos.tell_videos,
        videos.reconcile_videos,
        HistoriesActivity(client).delete_histories,
        site.knock,
        site.closed_workflows,
        OutcomeActivity(stores.catalog, notify=bool(settings.webhook.url)).record_outcome,
        _notice(settings, stores).compose_notice,
    ]


def inbox_activities(settings: Settings) -> list[Activity]:
    """What waits for the folders of inboxes, which may be on a network that hangs."""
    ledger, inboxes = open_ledger(settings), inbox_for(settings)

    def read(data: bytes) -> CsvFile:
        return parse(data, settings.batch.limits)

    scan = ScanActivities(inboxes, read, settings.batch.limits.max_bytes, ledger)
    report = BatchReportActivity(ledger, inboxes, render_csv, render_page, notify=bool(settings.webhook.url))
    return [scan.find_files, scan.take_file, report.report_batch]


def notice_activities(settings: Settings) -> list[Activity]:
    """What waits for the receivers of webhooks."""
    return [_notice(settings, open_stores(settings)).post_notice]


def _notice(settings: Settings, stores: Stores) -> NoticeActivity:
    post = _webhook(settings).post if settings.webhook.url else None
    return NoticeActivity(stores.catalog, open_ledger(settings), post)


def _webhook(settings: Settings) -> Webhook:
    upstream = take_upstream(dict(os.environ))
    return Webhook(
        settings.webhook.url,
        settings.webhook.key,
        lambda: Guard(allow_private_hosts=settings.limits.allow_private_hosts, upstream=upstream),
    )
