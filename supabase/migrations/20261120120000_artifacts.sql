-- What is recorded of the files in Storage, and where the record and the files differ. A row is written after
-- its file and removed after it, so a crash between leaves a difference that `artifact_files_amiss` or
-- `artifact_rows_amiss` finds. Nothing here writes to schema storage: files come and go through Storage's API.
--
-- A file is never written over by another content: its name in Storage holds the sum of its content, and the row
-- of the key says which content is the present one. What was present before stays as long as it is shown.
--
-- Keys are ordered by their bytes (collation C, and the pattern operators ~>=~ and ~<~ where the table is
-- Storage's), so that everything below v1/ is what lies between 'v1/' and 'v10' ('0' follows '/').

-- The name in Storage of the content with that sha256 under a key; `object_name` in the code is the same.
create function public.artifact_object(key text, sha256 text) returns text
language sql immutable set search_path = '' as $$
    select key || '/' || left(sha256, 16) || '-' || regexp_replace(key, '^.*/', '')
$$;

create table public.artifacts (
    key text collate "C" constraint artifacts_pkey primary key, -- <video id>/<step>-<fingerprint>/<name>
    video_id text not null generated always as (split_part(key, '/', 1)) stored,
    bucket text not null,
    kind text not null, -- video, audio, thumbnail, transcript, clip, record, or what a step makes else
    sha256 text not null,
    size_bytes bigint not null,
    media_type text not null,
    produced_by text not null default '', -- the step
    created_at timestamptz not null default clock_timestamp(), -- of this content
    object text not null generated always as (public.artifact_object(key, sha256)) stored, -- in Storage
    constraint artifacts_sha256_check check (sha256 ~ '^[0-9a-f]{64}$'),
    constraint artifacts_size_bytes_check check (size_bytes >= 0)
);

create index artifacts_video_id_idx on public.artifacts (video_id);

alter table public.artifacts enable row level security;
revoke all on public.artifacts from public, anon, authenticated;
grant select, insert, update, delete on public.artifacts to service_role;

-- Whether a name in Storage is one of ours: others may keep files in the same buckets. What the library shows
-- lies below published/ and is no artifact.
create function public.artifact_is_object(name text) returns boolean
language sql immutable set search_path = '' as $$
    select split_part(artifact_is_object.name, '/', 1) <> 'published'
    and artifact_is_object.name ~ (
        '^[A-Za-z0-9_-][A-Za-z0-9._-]*/[a-z0-9_-]+-[0-9a-f]{16}/'
        || '([A-Za-z0-9_-][A-Za-z0-9._-]*)/[0-9a-f]{16}-\1$'
    )
$$;

-- Records a file that is in Storage in that size and, where `md5` is given, with that etag; else no row says any
-- more that this content is there. What there is: {recorded, size_bytes, etag}; size and etag null where no file
-- is.
create function public.artifact_record(
    key text, bucket text, kind text, sha256 text, md5 text, size_bytes bigint, media_type text, produced_by text
) returns jsonb language sql volatile set search_path = '' as $$
    with there as (
        select
            (o.metadata ->> 'size')::bigint as size_bytes,
            trim(both '"' from o.metadata ->> 'eTag') as etag
        from storage.objects o
        where o.bucket_id = artifact_record.bucket
        and o.name = public.artifact_object(artifact_record.key, artifact_record.sha256)
    ),
    recorded as (
        insert into public.artifacts (key, bucket, kind, sha256, size_bytes, media_type, produced_by)
        select
            artifact_record.key, artifact_record.bucket, artifact_record.kind, artifact_record.sha256,
            artifact_record.size_bytes, artifact_record.media_type, artifact_record.produced_by
        from there t
        where t.size_bytes = artifact_record.size_bytes
        and (artifact_record.md5 is null or t.etag = artifact_record.md5)
        on conflict on constraint artifacts_pkey do update set
            bucket = excluded.bucket, kind = excluded.kind, sha256 = excluded.sha256,
            size_bytes = excluded.size_bytes, media_type = excluded.media_type,
            produced_by = excluded.produced_by, created_at = clock_timestamp()
        returning 1
    ),
    withdrawn as (
        delete from public.artifacts a
        where a.key = artifact_record.key and a.sha256 = artifact_record.sha256
        and not exists (select from recorded)
    )
    select jsonb_build_object(
        'recorded', exists (select from recorded),
        'size_bytes', (select t.size_bytes from there t),
        'etag', (select t.etag from there t)
    )
$$;

-- Whether that content is recorded, and a file of that size is there.
create function public.artifact_exists(key text, bucket text, sha256 text, size_bytes bigint) returns boolean
language sql stable set search_path = '' as $$
    select exists (
        select from public.artifacts a
        join storage.objects o on o.bucket_id = a.bucket and o.name = a.object
        where a.key = artifact_exists.key and a.bucket = artifact_exists.bucket
        and a.sha256 = artifact_exists.sha256 and a.size_bytes = artifact_exists.size_bytes
        and (o.metadata ->> 'size')::bigint = a.size_bytes
    )
$$;

-- The sha256 that is recorded of a key in a bucket; null where nothing is.
create function public.artifact_sha256(key text, bucket text) returns text
language sql stable set search_path = '' as $$
    select a.sha256 from public.artifacts a
    where a.key = artifact_sha256.key and a.bucket = artifact_sha256.bucket
$$;

-- Whether a bucket holds files that are neither artifacts nor pages.
create function public.artifact_strangers(bucket text) returns boolean
language sql stable set search_path = '' as $$
    with unrecorded as materialized ( -- few, and names are costly to look at
        select o.name from storage.objects o
        where o.bucket_id = artifact_strangers.bucket and not starts_with(o.name, 'published/')
        and not exists (select from public.artifacts a where a.object = o.name and a.bucket = o.bucket_id)
    )
    select exists (select from unrecorded u where not public.artifact_is_object(u.name))
$$;

-- Ids of videos of which anything is recorded, or is there unrecorded.
create function public.artifact_prefixes(buckets text[]) returns jsonb
language sql stable set search_path = '' as $$
    with unrecorded as materialized ( -- few, and names are costly to look at
        select o.name from storage.objects o
        where o.bucket_id = any(buckets)
        and not exists (select from public.artifacts a where a.object = o.name and a.bucket = o.bucket_id)
    )
    select coalesce(jsonb_agg(found.video_id order by found.video_id), '[]'::jsonb)
    from (
        select a.video_id from public.artifacts a
        union
        select split_part(u.name, '/', 1) from unrecorded u where public.artifact_is_object(u.name)
    ) as found
$$;

-- When anything at or below the key was last stored, in seconds since 1970; null for nothing.
create function public.artifact_changed(prefix text, buckets text[]) returns double precision
language sql stable set search_path = '' as $$
    select extract(epoch from greatest(
        (
            select max(a.created_at) from public.artifacts a
            where a.key = prefix or (a.key >= prefix || '/' and a.key < prefix || '0')
        ),
        (
            select max(greatest(o.created_at, o.updated_at)) from storage.objects o
            where o.bucket_id = any(buckets)
            and o.name ~>=~ (prefix || '/') and o.name ~<~ (prefix || '0')
        )
    ))::double precision
$$;

-- Rows after that key whose file is not there, or is of another size for a day:
-- [{key, bucket, name, recorded_bytes, there_bytes (null: no file)}], at most so many, by key; `name` is the one
-- in Storage. `only_key`, where given, is the one that is asked for.
create function public.artifact_rows_amiss(after text, most integer, only_key text default null) returns jsonb
language sql stable set search_path = '' as $$
    select coalesce(
        jsonb_agg(jsonb_build_object(
            'key', found.key, 'bucket', found.bucket, 'name', found.object,
            'recorded_bytes', found.size_bytes, 'there_bytes', found.there_bytes
        ) order by found.key),
        '[]'::jsonb
    )
    from (
        select a.key, a.bucket, a.object, a.size_bytes, (o.metadata ->> 'size')::bigint as there_bytes
        from public.artifacts a
        left join storage.objects o on o.bucket_id = a.bucket and o.name = a.object
        where a.key > after and (only_key is null or a.key = only_key)
        and (
            o.id is null
            or (
                (o.metadata ->> 'size')::bigint is distinct from a.size_bytes
                and greatest(o.created_at, o.updated_at) < clock_timestamp() - interval '24 hours'
            )
        )
        order by a.key
        limit most
    ) as found
$$;

-- What is recorded of a content turned out not to be so.
create function public.artifact_withdraw(key text, bucket text, sha256 text) returns void
language sql volatile set search_path = '' as $$
    delete from public.artifacts a
    where a.key = artifact_withdraw.key and a.bucket = artifact_withdraw.bucket
    and a.sha256 = artifact_withdraw.sha256
$$;

revoke execute on function
    public.artifact_object, public.artifact_is_object, public.artifact_strangers, public.artifact_record,
    public.artifact_exists, public.artifact_sha256, public.artifact_prefixes, public.artifact_changed,
    public.artifact_rows_amiss, public.artifact_withdraw
from public, anon, authenticated;
grant execute on function
    public.artifact_object, public.artifact_is_object, public.artifact_strangers, public.artifact_record,
    public.artifact_exists, public.artifact_sha256, public.artifact_prefixes, public.artifact_changed,
    public.artifact_rows_amiss, public.artifact_withdraw
to service_role;
