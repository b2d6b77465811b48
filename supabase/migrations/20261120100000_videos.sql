-- Videos, their runs, and who holds one for a moment. Written by the functions below only, each of which is
-- one transaction that may be repeated: a reply that was lost is asked for again.
--
-- Locks, always taken in this order: 'mindreel ledger' (shared here, exclusive where the ledger writes),
-- 'mindreel catalog' (whatever changes the standing of a video), rows.

create sequence public.videos_run;

create table public.videos (
    id text constraint videos_pkey primary key,
    run bigint not null constraint videos_run_key unique, -- the order in which runs began, over all videos
    source text not null,
    platform text not null,
    title text not null default '',
    uploader text,
    duration_s double precision,
    language text,
    status text not null,
    stage text not null,
    percent double precision not null default 0,
    reached integer not null default 0, -- how many stages; unlike `stage` it does not go back and forth
    processing_status text not null generated always as (
        case
            when status <> 'running' then status
            when stage in ('resolve', 'download') then 'downloading'
            when stage in ('audio', 'thumbnail') then 'extracting_audio'
            when stage = 'transcribe' then 'transcribing'
            when stage = 'index' then 'generating_embeddings'
            when stage = 'analyze' then 'analyzing'
            when stage = 'mindmap' then 'mindmapping'
            when stage = 'clips' then 'clipping'
            when stage in ('quality', 'publish') then 'storing'
            else 'pending'
        end
    ) stored,
    is_processed boolean not null generated always as (status in ('completed', 'partial')) stored,
    outcome text generated always as (case when status in ('queued', 'running') then null else status end) stored,
    reasons jsonb not null default '[]'::jsonb,
    error_class text not null default '',
    analysis_result jsonb,
    library text,
    workflow_id text not null default '',
    run_id text not null default '', -- of the run that this row tells of; empty while it waits
    request_json text not null default '', -- as text, because it comes back as it was given
    result_json text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    began_at timestamptz,
    changed_at timestamptz not null, -- when a report would have begun to read differently
    constraint videos_status_check check (
        status in ('queued', 'running', 'completed', 'partial', 'expanded', 'failed', 'cancelled')
    ),
    constraint videos_processing_status_check check (
        processing_status in (
            'pending', 'queued', 'downloading', 'extracting_audio', 'uploading', 'transcribing', 'analyzing',
            'mindmapping', 'generating_embeddings', 'clipping', 'storing', 'completed', 'partial', 'expanded',
            'failed', 'cancelled'
        )
    ),
    constraint videos_percent_check check (percent between 0 and 100)
) with (fillfactor = 80); -- progress rewrites rows in place

alter sequence public.videos_run owned by public.videos.run;

create table public.jobs (
    id bigint generated always as identity constraint jobs_pkey primary key,
    video_id text not null constraint jobs_video_id_fkey references public.videos (id) on delete cascade,
    workflow_id text, -- of Temporal, and null until the run begins
    run_id text,
    status text not null,
    stage text not null default 'resolve',
    percent double precision not null default 0,
    attempts integer not null, -- which run of the video this is
    tenant text not null default '',
    priority smallint not null default 3, -- 1 comes first, 5 last
    queued_at timestamptz not null,
    began_at timestamptz,
    ended_at timestamptz,
    updated_at timestamptz not null,
    estimate_s double precision, -- seconds left, as fast as it went so far
    error_class text not null default '',
    error_message text not null default '',
    constraint jobs_run_key unique (workflow_id, run_id),
    constraint jobs_status_check check (
        status in ('queued', 'running', 'completed', 'partial', 'expanded', 'failed', 'cancelled')
    ),
    constraint jobs_percent_check check (percent between 0 and 100)
) with (fillfactor = 80);

create index jobs_video_id_idx on public.jobs (video_id, attempts);
create unique index jobs_open_key on public.jobs (video_id) where status in ('queued', 'running');

create table public.video_holds (
    video_id text constraint video_holds_pkey primary key, -- of a video that need not exist
    holder text not null,
    expires_at timestamptz not null
);

alter table public.videos enable row level security;
alter table public.jobs enable row level security;
alter table public.video_holds enable row level security;
revoke all on public.videos, public.jobs, public.video_holds from public, anon, authenticated;
revoke all on sequence public.videos_run, public.jobs_id_seq from public, anon, authenticated;
grant select, insert, update, delete on public.videos, public.jobs, public.video_holds to service_role;
grant usage, select on sequence public.videos_run to service_role;

-- Which release of these migrations a project has: tells what is missing.
create function public.mindreel_schema() returns integer language sql immutable set search_path = '' as $$
    select 1
$$;

-- Whoever changes the standing of videos does it one after the other, so that moments taken under this lock
-- are those of the commits' order: a report that was written after one of them has missed none before it.
create function public.catalog_lock() returns void language sql volatile set search_path = '' as $$
    select pg_advisory_xact_lock(hashtext('mindreel catalog'))
$$;

-- Raises MRBSY while somebody holds the video; to be called under the lock.
create function public.catalog_must_be_free(video_id text) returns void
language plpgsql set search_path = '' as $$
begin
    if exists (
        select from public.video_holds h
        where h.video_id = catalog_must_be_free.video_id and h.expires_at > clock_timestamp()
    ) then
        raise exception using errcode = 'MRBSY',
            message = format('The video %s is being cleaned up; it is free in a moment.', video_id);
    end if;
end
$$;

-- A run that waits or is under way has one open job; the one before it that never ended is closed.
create function public.catalog_open_job(
    video_id text, status text, tenant text, priority integer, moment timestamptz
) returns bigint language sql set search_path = '' as $$
    update public.jobs j
    set status = 'failed', error_class = 'internal', ended_at = moment, updated_at = moment, estimate_s = null,
        error_message = 'It never told how it ended, and a later run took over.'
    where j.video_id = catalog_open_job.video_id and j.status = 'running';
    insert into public.jobs as j (video_id, status, attempts, tenant, priority, queued_at, updated_at)
    select
        catalog_open_job.video_id, catalog_open_job.status, coalesce(max(f.attempts), 0) + 1,
        catalog_open_job.tenant, catalog_open_job.priority, moment, moment
    from public.jobs f where f.video_id = catalog_open_job.video_id
    on conflict (video_id) where status in ('queued', 'running') do update
    set status = excluded.status, updated_at = excluded.updated_at,
        tenant = case excluded.tenant when '' then j.tenant else excluded.tenant end,
        priority = case excluded.status when 'queued' then excluded.priority else j.priority end
    returning j.id
$$;

create function public.catalog_close_job(
    video_id text, status text, stage text, error_class text, error_message text, moment timestamptz
) returns void language sql set search_path = '' as $$
    update public.jobs j
    set status = catalog_close_job.status, stage = catalog_close_job.stage,
        percent = case
            when catalog_close_job.status in ('completed', 'partial', 'expanded') then 100 else j.percent
        end,
        error_class = catalog_close_job.error_class, error_message = catalog_close_job.error_message,
        ended_at = moment, updated_at = moment, estimate_s = null
    where j.video_id = catalog_close_job.video_id and j.status in ('queued', 'running')
$$;

-- A batch is about to start this video: it waits. One that runs goes on. For the ledger, under its lock.
create function public.catalog_queue(
    video_id text, source text, platform text, title text, tenant text default '', priority integer default 3
) returns void language plpgsql set search_path = '' as $$
declare
    moment timestamptz;
begin
    perform public.catalog_lock();
    perform public.catalog_must_be_free(video_id);
    moment := clock_timestamp();
    insert into public.videos as v (
        id, run, source, platform, title, status, stage, created_at, updated_at, changed_at
    )
    values (
        video_id, nextval('public.videos_run'), source, platform, title, 'queued', 'resolve',
        moment, moment, moment
    )
    on conflict (id) do update
    set source = excluded.source, title = case excluded.title when '' then v.title else excluded.title end,
        status = excluded.status, stage = excluded.stage, percent = 0, reached = 0, reasons = '[]'::jsonb,
        error_class = '', began_at = null, run_id = '', updated_at = excluded.updated_at,
        changed_at = excluded.changed_at
    where v.status <> 'running';
    if found then
        perform public.catalog_open_job(video_id, 'queued', tenant, priority, moment);
    end if;
end
$$;

-- A video that waits is not started after all. For the ledger, under its lock.
create function public.catalog_refuse(video_id text, error_class text, message text) returns void
language plpgsql set search_path = '' as $$
declare
    moment timestamptz;
begin
    perform public.catalog_lock();
    perform public.catalog_must_be_free(video_id);
    moment := clock_timestamp();
    update public.videos v
    set status = 'failed', reasons = jsonb_build_array(message), error_class = catalog_refuse.error_class,
        updated_at = moment, changed_at = moment
    where v.id = video_id and v.status = 'queued';
    if found then
        perform public.catalog_close_job(video_id, 'failed', 'resolve', error_class, message, moment);
    end if;
end
$$;

create function public.catalog_begin(
    video_id text, source text, platform text, workflow_id text, run_id text, request_json text, tenant text
) returns void language plpgsql set search_path = '' as $$
declare
    moment timestamptz;
    opened bigint;
begin
    perform pg_advisory_xact_lock_shared(hashtext('mindreel ledger'));
    perform public.catalog_lock();
    perform public.catalog_must_be_free(video_id);
    if run_id <> '' and exists (
        select from public.jobs j
        where j.workflow_id = catalog_begin.workflow_id and j.run_id = catalog_begin.run_id
    ) then
        return; -- it has begun, and whoever asked was not told
    end if;
    moment := clock_timestamp();
    insert into public.videos as v (
        id, run, source, platform, status, stage, workflow_id, run_id, request_json, created_at, updated_at,
        began_at, changed_at
    )
    values (
        video_id, nextval('public.videos_run'), source, platform, 'running', 'resolve', workflow_id, run_id,
        request_json, moment, moment, moment, moment
    )
    on conflict (id) do update
    set run = excluded.run, source = excluded.source, platform = excluded.platform, status = excluded.status,
        stage = excluded.stage, percent = 0, reasons = '[]'::jsonb, error_class = '', reached = 0,
        began_at = excluded.began_at, changed_at = excluded.changed_at, updated_at = excluded.updated_at,
        workflow_id = excluded.workflow_id, run_id = excluded.run_id, request_json = excluded.request_json;
    opened := public.catalog_open_job(video_id, 'running', tenant, 3, moment);
    update public.jobs j
    set workflow_id = catalog_begin.workflow_id, run_id = nullif(catalog_begin.run_id, ''), began_at = moment
    where j.id = opened;
end
$$;

create function public.catalog_describe(
    video_id text, title text, duration_s double precision, language text
) returns void language plpgsql set search_path = '' as $$
declare
    moment timestamptz;
begin
    perform public.catalog_lock();
    perform public.catalog_must_be_free(video_id);
    moment := clock_timestamp();
    update public.videos v
    set title = coalesce(catalog_describe.title, v.title), updated_at = moment,
        changed_at = case when catalog_describe.title <> v.title then moment else v.changed_at end,
        duration_s = coalesce(catalog_describe.duration_s, v.duration_s),
        language = coalesce(catalog_describe.language, v.language)
    where v.id = video_id;
    if not found then
        raise exception using errcode = 'MRSET',
            message = format('The catalog of the project knows no video %s; run it again.', video_id);
    end if;
end
$$;

-- Whether what this run says of the video counts: not where it began before the row's run did, and says late
-- what nobody waits for. One that never said that it began (a workflow that was reset goes on in the middle)
-- becomes the row's run. Where no run is named all counts. Under the lock.
create function public.catalog_hears(video_id text, run_id text, moment timestamptz) returns boolean
language plpgsql set search_path = '' as $$
declare
    workflow text;
    opened bigint;
begin
    select v.workflow_id into workflow from public.videos v
    where v.id = video_id and v.run_id <> catalog_hears.run_id;
    if run_id = '' or not found then
        return true;
    end if;
    if exists (
        select from public.jobs j
        where j.video_id = catalog_hears.video_id and j.run_id = catalog_hears.run_id
    ) then
        return false;
    end if;
    opened := public.catalog_open_job(video_id, 'running', '', 3, moment);
    update public.jobs j set workflow_id = workflow, run_id = catalog_hears.run_id, began_at = moment
    where j.id = opened;
    update public.videos v set run_id = catalog_hears.run_id where v.id = video_id;
    return true;
end
$$;

-- Called every few seconds by every running step: only a further stage, and another run, wait for the lock.
create function public.catalog_advance(
    video_id text, stage text, percent double precision, reached integer, run_id text default ''
) returns void language plpgsql set search_path = '' as $$
declare
    moment timestamptz;
    run_percent double precision;
    others_ask boolean;
begin
    select v.reached < catalog_advance.reached or catalog_advance.run_id not in ('', v.run_id) into others_ask
    from public.videos v where v.id = video_id and v.status = 'running';
    if others_ask then
        perform public.catalog_lock();
    end if;
    moment := clock_timestamp();
    if others_ask and exists (select from public.videos v where v.id = video_id and v.status = 'running') then
        if not public.catalog_hears(video_id, run_id, moment) then
            return;
        end if;
    end if;
    update public.videos v
    set stage = catalog_advance.stage, percent = greatest(v.percent, catalog_advance.percent),
        updated_at = moment, reached = greatest(v.reached, catalog_advance.reached),
        changed_at = case when catalog_advance.reached > v.reached then moment else v.changed_at end
    where v.id = video_id and v.status = 'running' and catalog_advance.run_id in ('', v.run_id)
    returning v.percent into run_percent;
    if found then
        update public.jobs j
        set stage = catalog_advance.stage, percent = run_percent, updated_at = moment,
            estimate_s = extract(epoch from moment - j.began_at) * (100 - run_percent) / nullif(run_percent, 0)
        where j.video_id = catalog_advance.video_id and j.status = 'running';
    end if;
end
$$;

-- Where no run is named, somebody found out from elsewhere that what the row tells of as open is over.
create function public.catalog_finish(
    video_id text, status text, reasons jsonb, library text, result_json text, error_class text, stage text,
    run_id text default ''
) returns void language plpgsql set search_path = '' as $$
declare
    moment timestamptz;
    last_stage text;
begin
    perform pg_advisory_xact_lock_shared(hashtext('mindreel ledger'));
    perform public.catalog_lock();
    perform public.catalog_must_be_free(video_id);
    moment := clock_timestamp();
    if not public.catalog_hears(video_id, run_id, moment) then
        return; -- its job was closed when another took over
    end if;
    update public.videos v
    set status = catalog_finish.status, reasons = catalog_finish.reasons, updated_at = moment,
        changed_at = moment, error_class = catalog_finish.error_class,
        stage = case catalog_finish.stage when '' then v.stage else catalog_finish.stage end,
        percent = case
            when catalog_finish.status in ('completed', 'partial', 'expanded') then 100 else v.percent
        end,
        library = coalesce(catalog_finish.library, v.library),
        result_json = coalesce(catalog_finish.result_json, v.result_json)
    where v.id = video_id and (catalog_finish.run_id <> '' or v.status in ('queued', 'running'))
    returning v.stage into last_stage;
    if not found then
        if exists (select from public.videos v where v.id = video_id) then
            return; -- it has ended meanwhile, and its own run said how
        end if;
        raise exception using errcode = 'MRSET',
            message = format('The catalog of the project knows no video %s; run it again.', video_id);
    end if;
    perform public.catalog_close_job(
        video_id, status, last_stage, error_class, coalesce(reasons ->> 0, ''), moment
    );
end
$$;

-- A video as readers get it.
create function public.catalog_row(v public.videos) returns json language sql stable set search_path = '' as $$
    select json_build_object(
        'id', v.id, 'source', v.source, 'platform', v.platform, 'title', v.title, 'status', v.status,
        'stage', v.stage, 'percent', v.percent, 'reasons', v.reasons, 'duration_s', v.duration_s,
        'language', v.language, 'library', v.library, 'workflow_id', v.workflow_id,
        'created_at', v.created_at, 'updated_at', v.updated_at, 'request_json', v.request_json,
        'result_json', v.result_json, 'error_class', v.error_class, 'began_at', v.began_at
    )
$$;

create function public.catalog_get(video_id text) returns json language sql stable set search_path = '' as $$
    select public.catalog_row(v) from public.videos v where v.id = video_id
$$;

create function public.catalog_find(prefix text) returns json language sql stable set search_path = '' as $$
    select coalesce(json_agg(public.catalog_row(v) order by v.run desc), '[]'::json)
    from public.videos v where starts_with(v.id, prefix)
$$;

create function public.catalog_list(most bigint) returns json language sql stable set search_path = '' as $$
    select coalesce(json_agg(public.catalog_row(v) order by v.run desc), '[]'::json)
    from (select * from public.videos f order by f.run desc limit most) as v
$$;

-- How videos stand, without the long texts; the page after `after`, by id.
create function public.catalog_standings(after text, most integer) returns json
language sql stable set search_path = '' as $$
    select coalesce(
        json_agg(
            json_build_object(
                'id', v.id, 'status', v.status, 'source', v.source, 'library', v.library,
                'workflow_id', v.workflow_id, 'updated_at', v.updated_at
            ) order by v.id
        ),
        '[]'::json
    )
    from (
        select f.id, f.status, f.source, f.library, f.workflow_id, f.updated_at
        from public.videos f where f.id > after order by f.id limit most
    ) as v
$$;

-- Nobody begins, queues or changes the video until its release, or until the lease ends: a holder may die.
create function public.catalog_hold(video_id text, holder text, lease_s double precision) returns json
language plpgsql set search_path = '' as $$
begin
    perform public.catalog_lock();
    delete from public.video_holds h where h.expires_at <= clock_timestamp();
    insert into public.video_holds as h (video_id, holder, expires_at)
    values (video_id, holder, clock_timestamp() + make_interval(secs => lease_s))
    on conflict on constraint video_holds_pkey do update set expires_at = excluded.expires_at
    where h.holder = excluded.holder;
    if not found then
        perform public.catalog_must_be_free(video_id);
    end if;
    return public.catalog_get(video_id);
end
$$;

-- The holder is at it still; false where the lease has ended. Under the lock, because whoever begins meanwhile
-- must have seen it or be seen.
create function public.catalog_renew(video_id text, holder text, lease_s double precision) returns boolean
language plpgsql set search_path = '' as $$
begin
    perform public.catalog_lock();
    update public.video_holds h set expires_at = clock_timestamp() + make_interval(secs => lease_s)
    where h.video_id = catalog_renew.video_id and h.holder = catalog_renew.holder
        and h.expires_at > clock_timestamp();
    return found;
end
$$;

-- False where the lease had ended before.
create function public.catalog_release(video_id text, holder text) returns boolean
language sql volatile set search_path = '' as $$
    with released as (
        delete from public.video_holds h
        where h.video_id = catalog_release.video_id and h.holder = catalog_release.holder
        returning h.expires_at > clock_timestamp() as in_time
    )
    select coalesce((select r.in_time from released r), false)
$$;

revoke execute on function
    public.mindreel_schema, public.catalog_lock, public.catalog_must_be_free, public.catalog_open_job,
    public.catalog_close_job, public.catalog_queue, public.catalog_refuse, public.catalog_begin,
    public.catalog_describe, public.catalog_advance, public.catalog_finish, public.catalog_row,
    public.catalog_get, public.catalog_find, public.catalog_list, public.catalog_standings,
    public.catalog_hold, public.catalog_renew, public.catalog_release, public.catalog_hears
from public, anon, authenticated;
grant execute on function
    public.mindreel_schema, public.catalog_lock, public.catalog_must_be_free, public.catalog_open_job,
    public.catalog_close_job, public.catalog_queue, public.catalog_refuse, public.catalog_begin,
    public.catalog_describe, public.catalog_advance, public.catalog_finish, public.catalog_row,
    public.catalog_get, public.catalog_find, public.catalog_list, public.catalog_standings,
    public.catalog_hold, public.catalog_renew, public.catalog_release, public.catalog_hears
to service_role;
