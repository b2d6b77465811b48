-- What every CSV file held and what became of its rows. Written by the functions below only, each of which is
-- one transaction that may be repeated: a reply that was lost is asked for again.
--
-- Locks are taken in the order that 20261120100000_videos.sql says.

create table public.csv_files (
    id bigint generated always as identity constraint csv_files_pkey primary key, -- in order of first sight
    name text not null, -- of the batch
    inbox text not null,
    file text not null,
    version text not null default '',
    sha256 text not null default '', -- empty before its first content is taken
    state text not null default 'running',
    problem text not null default '',
    remarks jsonb not null default '[]'::jsonb,
    created_at timestamptz not null,
    changed_at timestamptz not null, -- when its report would have begun to read differently
    paced_at timestamptz not null, -- since when its pace is measured
    constraint csv_files_state_check check (state in ('running', 'paused', 'cancelled', 'finished'))
);

-- Of digests, because names and folders may be longer than an entry of an index.
create unique index csv_files_name_key on public.csv_files (md5(name));
create unique index csv_files_place_key on public.csv_files (md5(inbox), md5(file));

create table public.csv_rows (
    file_id bigint not null constraint csv_rows_file_id_fkey references public.csv_files (id),
    number integer not null,
    item integer not null,
    key text not null, -- what makes two rows the same: the video's id, a playlist's address or its digest
    url text not null,
    video_id text,
    platform text not null,
    locator text not null,
    collection boolean not null,
    options jsonb not null,
    title text not null,
    tenant text not null,
    priority integer not null,
    problem text not null,
    turn integer not null, -- which of its tenant's rows of this priority it is
    state text not null, -- `taken` is pending, and handed out
    error_class text not null,
    message text not null,
    again boolean not null,
    holds boolean not null, -- true when this batch was the last to take the video
    original bigint, -- of a duplicate: the file of the row that has the video
    constraint csv_rows_pkey primary key (file_id, number, item),
    constraint csv_rows_state_check check (
        state in ('pending', 'taken', 'started', 'refused', 'duplicate', 'expanded', 'withdrawn')
    )
) with (fillfactor = 80); -- most rows change their state twice

create index csv_rows_turn_idx on public.csv_rows (file_id, state, priority, turn, number, item);
create index csv_rows_key_idx on public.csv_rows (key, file_id);
create index csv_rows_original_idx on public.csv_rows (original) where original is not null;
-- One row at most waits to start a video, in whichever file: the promise that none is started twice.
create unique index csv_rows_waiting_key on public.csv_rows (video_id)
    where video_id is not null and state in ('pending', 'taken');

alter table public.csv_files enable row level security;
alter table public.csv_rows enable row level security;
revoke all on public.csv_files, public.csv_rows from public, anon, authenticated;
revoke all on sequence public.csv_files_id_seq from public, anon, authenticated;
grant select, insert, update, delete on public.csv_files, public.csv_rows to service_role;

-- Rows as people see them. A taken row is one whose video's workflow may exist. A page of several videos is
-- not done before they are rows of their own, which they never become in a cancelled batch.
create view public.csv_outcomes with (security_invoker = true) as
select
    f.name as batch, r.file_id, r.number, r.item, r.key, r.url, r.video_id, r.options, r.title, r.tenant,
    r.problem, r.state, r.message, r.original,
    case r.state
        when 'refused' then case r.problem when '' then 'failed' else 'refused' end
        when 'pending' then 'waiting'
        when 'withdrawn' then 'cancelled'
        when 'duplicate' then 'duplicate'
        when 'expanded' then 'expanded'
        else case
            when v.status = 'expanded' and r.item = 0
                then case f.state when 'cancelled' then 'cancelled' else 'running' end
            else coalesce(v.status, 'failed')
        end
    end as outcome,
    case
        when r.state = 'refused' then case r.error_class when '' then 'input' else r.error_class end
        when r.state = 'withdrawn' then 'cancelled'
        when r.state not in ('taken', 'started') then ''
        when v.id is null then 'internal'
        when v.status = 'failed' then case v.error_class when '' then 'internal' else v.error_class end
        when v.status in ('partial', 'cancelled') then v.status
        when v.status = 'expanded' and r.item = 0 and f.state = 'cancelled' then 'cancelled'
        else ''
    end as class,
    v.title as site_title, v.status, v.stage, v.reached, v.percent, v.reasons, v.library, v.changed_at,
    date_trunc('milliseconds', v.began_at) as began_at,
    date_trunc('milliseconds', v.updated_at) as updated_at,
    r.state in ('taken', 'started') and v.updated_at >= f.paced_at as paced,
    case
        when v.status <> 'queued' and pg_input_is_valid(v.request_json, 'jsonb')
            then v.request_json::jsonb -> 'options'
    end as had_options
from public.csv_rows r
join public.csv_files f on f.id = r.file_id
left join public.videos v on v.id = r.video_id;

revoke all on public.csv_outcomes from public, anon, authenticated;
grant select on public.csv_outcomes to service_role;

-- What the ledger has judged cannot change until the end of the transaction.
create function public.ledger_lock() returns void language sql volatile set search_path = '' as $$
    select pg_advisory_xact_lock(hashtext('mindreel ledger'))
$$;

create function public.ledger_named(batch text) returns public.csv_files
language sql stable set search_path = '' as $$
    select f from public.csv_files f where md5(f.name) = md5(batch) and f.name = batch
$$;

create function public.ledger_placed(inbox text, file text) returns public.csv_files
language sql stable set search_path = '' as $$
    select f from public.csv_files f
    where md5(f.inbox) = md5(ledger_placed.inbox) and md5(f.file) = md5(ledger_placed.file)
        and f.inbox = ledger_placed.inbox and f.file = ledger_placed.file
$$;

create function public.ledger_seen(inbox text, file text) returns json
language sql stable set search_path = '' as $$
    select json_build_object(
        'name', f.name, 'inbox', f.inbox, 'file', f.file, 'version', f.version, 'sha256', f.sha256
    )
    from public.ledger_placed(inbox, file) f where f.id is not null
$$;

-- The name that the file's batch has, else the first of `names` that is free.
create function public.ledger_name_for(inbox text, file text, names jsonb) returns text
language sql stable set search_path = '' as $$
    select coalesce(
        (select f.name from public.ledger_placed(inbox, file) f),
        (
            select w.name from jsonb_array_elements_text(names) with ordinality as w (name, place)
            where not exists (
                select from public.csv_files f where md5(f.name) = md5(w.name) and f.name = w.name
            )
            order by w.place limit 1
        )
    )
$$;

-- Batches with what their counts are made of, newest first; all where `wanted` is null.
create function public.ledger_views(wanted bigint) returns json
language sql stable set search_path = '' set timezone = 'UTC' as $$
    select coalesce(
        json_agg(
            json_build_object('batch', f, 'groups', s.groups, 'now', clock_timestamp()) order by f.id desc
        ),
        '[]'::json
    )
    from public.csv_files f
    cross join lateral (
        select coalesce(json_agg(g), '[]'::json) as groups
        from (
            select
                o.outcome, count(*) as rows, sum(o.percent) as percent, max(o.changed_at) as changed_at,
                count(*) filter (where o.paced) as paced
            from public.csv_outcomes o where o.file_id = f.id group by o.outcome
        ) as g
    ) as s
    where wanted is null or f.id = wanted
$$;

create function public.ledger_batch(batch text) returns json language sql stable set search_path = '' as $$
    select public.ledger_views(f.id) -> 0 from public.ledger_named(batch) f where f.id is not null
$$;

create function public.ledger_batches() returns json
language sql stable set search_path = '' set statement_timeout = '25s' as $$
    select public.ledger_views(null)
$$;

-- All rows of a batch in order, and the rows that have the videos of its duplicates.
create function public.ledger_rows(batch text) returns json
language sql stable set search_path = '' set timezone = 'UTC' set statement_timeout = '25s' as $$
    select json_build_object(
        'now', clock_timestamp(),
        'rows', (
            select coalesce(json_agg(o order by o.number, o.item), '[]'::json)
            from public.csv_outcomes o where o.file_id = f.id
        ),
        'originals', (
            select coalesce(json_agg(json_build_object(
                'file_id', r.file_id, 'key', r.key, 'number', r.number, 'item', r.item, 'state', r.state,
                'options', r.options, 'batch', b.name, 'name', b.name
            ) order by r.item desc), '[]'::json)
            from (
                select distinct d.original, d.key from public.csv_rows d
                where d.file_id = f.id and d.state = 'duplicate' and d.original is not null
            ) as d
            join public.csv_rows r on r.key = d.key and r.file_id = d.original
            join public.csv_files b on b.id = r.file_id
            where r.state <> 'duplicate' and r.problem = ''
        )
    )
    from public.ledger_named(batch) f where f.id is not null
$$;

create function public.ledger_collections(batch text, most integer) returns json
language sql stable set search_path = '' as $$
    select coalesce(json_agg(n order by n.priority, n.turn, n.number), '[]'::json)
    from (
        select r.*
        from public.ledger_named(batch) f
        join public.csv_rows r on r.file_id = f.id
        left join public.videos v on v.id = r.video_id
        where f.state = 'running' and r.item = 0 and (
            r.state = 'pending' and r.video_id is null
            or r.state in ('taken', 'started') and v.status = 'expanded'
        )
        order by r.priority, r.turn, r.number limit greatest(most, 0)
    ) as n
$$;

create function public.ledger_open_videos(batch text, unchanged_s double precision, most integer) returns json
language sql stable set search_path = '' as $$
    select coalesce(json_agg(n.video_id order by n.number, n.item), '[]'::json)
    from (
        select r.video_id, r.number, r.item
        from public.ledger_named(batch) f
        join public.csv_rows r on r.file_id = f.id
        join public.videos v on v.id = r.video_id
        where r.state in ('taken', 'started') and r.holds and v.status in ('queued', 'running')
            and v.updated_at <= clock_timestamp() - make_interval(secs => unchanged_s)
        order by r.number, r.item limit greatest(most, 0)
    ) as n
$$;

-- What is known of videos outside this batch. Nothing that an answer does not depend on: the judgement is
-- made anew wherever this has changed meanwhile.
create function public.ledger_known(file_id bigint, videos text[]) returns jsonb
language sql stable set search_path = '' as $$
    with asked as (select distinct u.id from unnest(videos) as u (id)),
    elsewhere as (
        select distinct on (r.key) r.key as id, r.file_id as batch, r.state <> 'started' as waiting
        from asked a join public.csv_rows r on r.key = a.id
        where r.file_id <> ledger_known.file_id and r.state in ('pending', 'taken', 'started')
        order by r.key, r.state <> 'started' desc, r.holds desc, r.file_id desc
    )
    select coalesce(
        jsonb_agg(
            jsonb_build_object(
                'id', a.id, 'status', v.status, 'batch', e.batch, 'waiting', coalesce(e.waiting, false),
                'stale', v.id is not null
                    and (v.status = 'queued' or v.updated_at < clock_timestamp() - interval '1 hour')
            ) order by a.id
        ),
        '[]'::jsonb
    )
    from asked a left join public.videos v on v.id = a.id left join elsewhere e on e.id = a.id
    where v.id is not null or e.id is not null
$$;

-- What is known of the given videos and of those in the rows of a file; but of those that one of its rows
-- stands for nothing is asked.
create function public.ledger_known_beside(file_id bigint, videos jsonb) returns jsonb
language sql stable set search_path = '' as $$
    select public.ledger_known(
        coalesce(ledger_known_beside.file_id, 0),
        array(
            select n.id
            from (
                select jsonb_array_elements_text(videos) as id
                union
                select r.video_id from public.csv_rows r
                where r.file_id = ledger_known_beside.file_id and r.video_id is not null
                except
                select r.key from public.csv_rows r
                where r.file_id = ledger_known_beside.file_id and r.state <> 'duplicate'
            ) as n
        )
    )
$$;

-- What the rows of a file and what is known come to: another one where any of it is different.
create function public.ledger_print(file_id bigint, known jsonb) returns text
language sql stable set search_path = '' as $$
    select md5(concat(ledger_print.file_id, known, string_agg(md5(r::text), '' order by r.number, r.item)))
    from public.csv_rows r where r.file_id = ledger_print.file_id
$$;

-- What a state of a file that names these videos is judged by.
create function public.ledger_snapshot(inbox text, file text, videos jsonb) returns json
language sql stable set search_path = '' set statement_timeout = '25s' as $$
    select json_build_object(
        'batch', f.id, 'known', k.known, 'print', public.ledger_print(f.id, k.known),
        'rows', (
            select coalesce(json_agg(r order by r.number, r.item), '[]'::json)
            from public.csv_rows r where r.file_id = f.id
        )
    )
    from public.ledger_placed(inbox, file) f
    cross join lateral (select public.ledger_known_beside(f.id, videos) as known) as k
$$;

-- What the videos of a row's playlist are judged by; null where there is no such row, or it is done with.
create function public.ledger_playlist(batch text, number integer, keys jsonb) returns jsonb
language sql stable set search_path = '' as $$
    with asked as (select jsonb_array_elements_text(keys) as key),
    found as (
        select jsonb_build_object(
            'batch', f.id,
            'parent', p.state,
            'seen', (
                select coalesce(jsonb_agg(distinct r.key), '[]'::jsonb)
                from asked a join public.csv_rows r on r.key = a.key
                where r.file_id = f.id and r.state <> 'duplicate'
                    and (r.number, r.item) <> (p.number, p.item)
            ),
            'known', public.ledger_known(f.id, array(select a.key from asked a))
        ) as state
        from public.ledger_named(batch) f
        join public.csv_rows p on p.file_id = f.id and p.number = ledger_playlist.number and p.item = 0
        where p.state in ('pending', 'taken', 'started')
    )
    select state || jsonb_build_object('print', md5(state::text)) from found
$$;

-- Adds rows; each gets its turn after those of its tenant that are there. An original of 0 is this file.
create function public.ledger_insert(file_id bigint, rows jsonb) returns void
language sql volatile set search_path = '' as $$
    insert into public.csv_rows (
        file_id, number, item, key, url, video_id, platform, locator, collection, options, title, tenant,
        priority, problem, turn, state, error_class, message, again, holds, original
    )
    select
        ledger_insert.file_id, n.number, n.item, n.key, n.url, n.video_id, n.platform, n.locator,
        n.collection, n.options, n.title, n.tenant, n.priority, n.problem,
        coalesce(t.turns, 0) + row_number() over (partition by n.tenant, n.priority order by n.place),
        n.state, n.error_class, n.message, n.again, n.holds,
        case n.original when 0 then ledger_insert.file_id else n.original end
    from rows from (
        jsonb_to_recordset(ledger_insert.rows) as (
            number integer, item integer, key text, url text, video_id text, platform text, locator text,
            collection boolean, options jsonb, title text, tenant text, priority integer, problem text,
            state text, error_class text, message text, again boolean, holds boolean, original bigint
        )
    ) with ordinality as n (
        number, item, key, url, video_id, platform, locator, collection, options, title, tenant, priority,
        problem, state, error_class, message, again, holds, original, place
    )
    left join (
        select r.tenant, r.priority, max(r.turn) as turns from public.csv_rows r
        where r.file_id = ledger_insert.file_id group by r.tenant, r.priority
    ) as t on t.tenant = n.tenant and t.priority = n.priority
$$;

-- The report of the batch reads differently, and so, where `pointing`, do those that point to its rows. Last
-- in its transaction: all changes of reports have their moments in the order in which they can be seen.
create function public.ledger_changed(file_id bigint, pointing boolean) returns void
language sql volatile set search_path = '' as $$
    select public.catalog_lock();
    update public.csv_files f set changed_at = clock_timestamp()
    where f.id = ledger_changed.file_id
        or pointing and f.id in (
            select r.file_id from public.csv_rows r where r.original = ledger_changed.file_id
        );
$$;

-- A batch that begins to run is timed from now on.
create function public.ledger_turn_to(file_id bigint, state text) returns void
language sql volatile set search_path = '' as $$
    update public.csv_files f
    set state = ledger_turn_to.state,
        paced_at = case
            when ledger_turn_to.state = 'running' and f.state <> 'running' then clock_timestamp()
            else f.paced_at
        end
    where f.id = ledger_turn_to.file_id
$$;

-- There is something new in the batch, at least for its report.
create function public.ledger_go_on(file_id bigint) returns void
language sql volatile set search_path = '' as $$
    select public.ledger_turn_to(f.id, 'running') from public.csv_files f
    where f.id = ledger_go_on.file_id and (
        f.state = 'finished'
        or f.state = 'cancelled' and exists (
            select from public.csv_rows r where r.file_id = f.id and r.state in ('pending', 'taken')
        )
    )
$$;

-- False for an unknown batch, as below.
create function public.ledger_touch(batch text, version text) returns boolean
language plpgsql set search_path = '' set lock_timeout = '6s' as $$
begin
    perform public.ledger_lock();
    update public.csv_files f set version = ledger_touch.version
    where md5(f.name) = md5(batch) and f.name = batch;
    return found;
end
$$;

-- Takes a state of a file; `rows` were judged by the snapshot of this `print`. Null, and nothing has changed,
-- where they are to be judged anew. The same content changes the version only, whatever was judged.
create function public.ledger_register(given jsonb, names jsonb, rows jsonb, print text) returns json
language plpgsql set search_path = '' set lock_timeout = '15s' set statement_timeout = '25s' as $$
declare
    file public.csv_files;
    moment timestamptz := clock_timestamp();
begin
    perform public.ledger_lock();
    file := public.ledger_placed(given ->> 'inbox', given ->> 'file');
    if file.sha256 = given ->> 'sha256' and file.problem in ('', given ->> 'problem') then
        update public.csv_files f set version = given ->> 'version' where f.id = file.id;
        return public.ledger_views(file.id) -> 0;
    end if;
    if given ->> 'problem' = '' then
        if print is null or print <> public.ledger_print(
            file.id,
            public.ledger_known_beside(file.id, jsonb_path_query_array(rows, '$[*].video_id ? (@ != null)'))
        ) then
            return null;
        end if;
    end if;
    if file.id is null then
        insert into public.csv_files as f (name, inbox, file, created_at, changed_at, paced_at)
        values (
            public.ledger_name_for(given ->> 'inbox', given ->> 'file', names),
            given ->> 'inbox', given ->> 'file', moment, moment, moment
        )
        returning f.* into file;
    end if;
    update public.csv_files f
    set version = given ->> 'version', sha256 = given ->> 'sha256', problem = given ->> 'problem',
        remarks = given -> 'remarks'
    where f.id = file.id;
    if given ->> 'problem' = '' then
        delete from public.csv_rows r where r.file_id = file.id;
        perform public.ledger_insert(file.id, rows);
    end if;
    perform public.ledger_go_on(file.id);
    perform public.ledger_changed(file.id, true);
    return public.ledger_views(file.id) -> 0;
end
$$;

-- The videos of a row's playlist become rows; false, and nothing has changed, where they are to be judged
-- anew.
create function public.ledger_expand(
    batch text, number integer, keys jsonb, message text, rows jsonb, print text
) returns boolean
language plpgsql set search_path = '' set lock_timeout = '15s' set statement_timeout = '25s' as $$
declare
    file public.csv_files;
begin
    perform public.ledger_lock();
    if print is distinct from public.ledger_playlist(batch, number, keys) ->> 'print' then
        return false;
    end if;
    file := public.ledger_named(batch);
    update public.csv_rows r set state = 'expanded', message = ledger_expand.message
    where r.file_id = file.id and r.number = ledger_expand.number and r.item = 0;
    perform public.ledger_insert(file.id, rows);
    perform public.ledger_go_on(file.id);
    perform public.ledger_changed(file.id, true);
    return true;
end
$$;

-- Taken rows first, so that no more are ever taken than were asked for. Videos that somebody holds wait, and
-- nobody else waits for them.
create function public.ledger_next(file_id bigint, most integer) returns setof public.csv_rows
language sql stable set search_path = '' as $$
    select r.* from public.csv_rows r
    where r.file_id = ledger_next.file_id and r.state in ('taken', 'pending') and r.video_id is not null
        and (r.state = 'taken' or not exists (
            select from public.video_holds h
            where h.video_id = r.video_id and h.expires_at > clock_timestamp()
        ))
    order by r.state = 'pending', r.priority, r.turn, r.number, r.item
    limit greatest(most, 0)
$$;

-- Of the next rows those whose video somebody else has finished since they were judged; false where none is.
create function public.ledger_settle(file_id bigint, most integer) returns boolean
language plpgsql set search_path = '' as $$
begin
    update public.csv_rows r
    set state = case when n.again or v.status = 'expanded' then 'started' else 'duplicate' end
    from public.ledger_next(ledger_settle.file_id, most) n join public.videos v on v.id = n.video_id
    where (r.file_id, r.number, r.item) = (n.file_id, n.number, n.item) and n.state = 'pending'
        and case
            when n.again then v.status = 'completed'
            else v.status in ('completed', 'partial') or v.status = 'expanded' and n.item = 0
        end;
    return found;
end
$$;

-- The next pending videos, which are queued from now on. Raises MRBSY where somebody takes hold of one just
-- now.
create function public.ledger_take(batch text, most integer, most_open integer) returns json
language plpgsql set search_path = '' set lock_timeout = '6s' as $$
declare
    file public.csv_files;
    page integer;
    next public.csv_rows[];
    each public.csv_rows;
    settled boolean := false;
    runs boolean;
begin
    perform public.ledger_lock();
    file := public.ledger_named(batch);
    if file.state is distinct from 'running' then
        return '[]'::json;
    end if;
    -- taken rows whose mark never came, though their video has begun since
    update public.csv_rows r set state = 'started'
    from public.videos v
    where r.file_id = file.id and r.state = 'taken' and v.id = r.video_id and v.status <> 'queued';
    page := least(most, most_open - (
        select count(*) from public.csv_rows r join public.videos v on v.id = r.video_id
        where r.file_id = file.id and r.state = 'started' and v.status in ('queued', 'running')
    ));
    while public.ledger_settle(file.id, page) loop
        settled := true;
    end loop;
    next := array(select n from public.ledger_next(file.id, page) n);
    runs := exists (
        select from unnest(next) n join public.videos v on v.id = n.video_id
        where n.state = 'pending' and v.status = 'running'
    );
    foreach each in array next loop
        continue when each.state <> 'pending';
        perform public.catalog_queue(
            video_id => each.video_id, source => each.url, platform => each.platform, title => each.title,
            tenant => each.tenant, priority => each.priority
        );
        update public.csv_rows r set holds = false where r.key = each.key and r.holds;
        update public.csv_rows r set state = 'taken', holds = true
        where (r.file_id, r.number, r.item) = (each.file_id, each.number, each.item);
    end loop;
    if settled or exists (select from unnest(next) n where n.state = 'pending') then
        perform public.ledger_changed(file.id, settled or runs);
    end if;
    return (
        select coalesce(json_agg(n order by n.place), '[]'::json)
        from unnest(next) with ordinality as n (
            file_id, number, item, key, url, video_id, platform, locator, collection, options, title, tenant,
            priority, problem, turn, state, error_class, message, again, holds, original, place
        )
    );
end
$$;

-- A taken row was started; or a row could not be, also where its page's videos cannot be listed. What is said
-- late, of a row that was released since, changes nothing.
create function public.ledger_mark(batch text, marks jsonb) returns void
language plpgsql set search_path = '' set lock_timeout = '6s' as $$
declare
    file public.csv_files;
    mark record;
    refused text;
begin
    perform public.ledger_lock();
    file := public.ledger_named(batch);
    for mark in
        select * from jsonb_to_recordset(marks) as m (
            number integer, item integer, state text, error_class text, message text
        )
    loop
        update public.csv_rows r
        set state = mark.state, error_class = mark.error_class, message = mark.message
        where r.file_id = file.id and r.number = mark.number and r.item = mark.item and (
            r.state = 'taken'
            or mark.state = 'refused' and r.state = 'pending' and r.video_id is null
            or mark.state = 'refused' and r.state = 'started' and r.item = 0 and exists (
                select from public.videos v where v.id = r.video_id and v.status = 'expanded'
            )
        )
        returning r.video_id into refused;
        if found and mark.state = 'refused' and refused is not null then
            perform public.catalog_refuse(refused, mark.error_class, mark.message);
        end if;
    end loop;
    if file.id is not null
        and jsonb_path_exists(marks, '$[*] ? (@.state == "refused" || @.message != "")')
    then
        perform public.ledger_changed(file.id, true);
    end if;
end
$$;

-- Rows of these error classes, all but partial ones where none are named, are pending again; how many.
create function public.ledger_release(batch text, classes jsonb) returns integer
language plpgsql set search_path = '' set lock_timeout = '6s' as $$
declare
    file public.csv_files;
    released integer;
begin
    perform public.ledger_lock();
    file := public.ledger_named(batch);
    if file.id is null then
        return null;
    end if;
    with found as materialized (
        select o.number, o.item from public.csv_outcomes o
        where o.file_id = file.id and o.outcome in ('failed', 'cancelled', 'partial')
            and case classes when '[]'::jsonb then o.class <> 'partial' else classes ? o.class end
            and not exists ( -- another file's row will start it, and this one tells how that went
                select from public.csv_rows w
                where w.video_id = o.key and w.file_id <> o.file_id and w.state in ('pending', 'taken')
            )
    )
    update public.csv_rows r
    set again = r.again or r.state <> 'withdrawn', state = 'pending', holds = false, error_class = '',
        message = ''
    from found where (r.file_id, r.number, r.item) = (file.id, found.number, found.item);
    get diagnostics released = row_count;
    if released > 0 then
        perform public.ledger_turn_to(file.id, 'running');
        update public.csv_files f set paced_at = clock_timestamp() where f.id = file.id;
        perform public.ledger_changed(file.id, true);
    end if;
    return released;
end
$$;

create function public.ledger_set_state(batch text, state text) returns boolean
language plpgsql set search_path = '' set lock_timeout = '6s' as $$
declare
    file public.csv_files;
begin
    perform public.ledger_lock();
    file := public.ledger_named(batch);
    if file.id is null then
        return false;
    end if;
    if file.state = ledger_set_state.state then
        return true;
    end if;
    if ledger_set_state.state = 'finished' and exists (
        select from public.csv_outcomes o
        where o.file_id = file.id and o.outcome in ('waiting', 'queued', 'running')
    ) then
        return true;
    end if;
    if ledger_set_state.state = 'cancelled' then
        -- what is pending, and what was found to be a playlist; the workflows of taken rows may exist already
        update public.csv_rows r
        set state = case
            when r.state = 'pending' then 'withdrawn'
            when r.item = 0 and exists (
                select from public.videos v where v.id = r.video_id and v.status = 'expanded'
            ) then 'withdrawn'
            else 'started'
        end
        where r.file_id = file.id and r.state in ('pending', 'taken', 'started');
    end if;
    perform public.ledger_turn_to(file.id, ledger_set_state.state);
    perform public.ledger_changed(file.id, true);
    return true;
end
$$;

revoke execute on function
    public.ledger_lock, public.ledger_named, public.ledger_placed, public.ledger_seen, public.ledger_name_for,
    public.ledger_views, public.ledger_batch, public.ledger_batches, public.ledger_rows,
    public.ledger_collections, public.ledger_open_videos, public.ledger_known, public.ledger_known_beside,
    public.ledger_print, public.ledger_snapshot, public.ledger_playlist, public.ledger_insert,
    public.ledger_changed, public.ledger_turn_to,
    public.ledger_go_on, public.ledger_touch, public.ledger_register, public.ledger_expand,
    public.ledger_next, public.ledger_settle, public.ledger_take, public.ledger_mark, public.ledger_release,
    public.ledger_set_state
from public, anon, authenticated;
grant execute on function
    public.ledger_lock, public.ledger_named, public.ledger_placed, public.ledger_seen, public.ledger_name_for,
    public.ledger_views, public.ledger_batch, public.ledger_batches, public.ledger_rows,
    public.ledger_collections, public.ledger_open_videos, public.ledger_known, public.ledger_known_beside,
    public.ledger_print, public.ledger_snapshot, public.ledger_playlist, public.ledger_insert,
    public.ledger_changed, public.ledger_turn_to,
    public.ledger_go_on, public.ledger_touch, public.ledger_register, public.ledger_expand,
    public.ledger_next, public.ledger_settle, public.ledger_take, public.ledger_mark, public.ledger_release,
    public.ledger_set_state
to service_role;
