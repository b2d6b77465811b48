-- How artifacts are removed, by the clean-up when they expire or belong to nobody. What the library shows of a
-- video are artifacts too: they stay as long as they are shown, also where others took their keys.

-- The files at or below the key, in these buckets and where rows say that they are, but for those that a
-- published video shows: [{bucket, name, size_bytes, stamp}]; another stamp is a file that was stored again.
create function public.artifact_files(prefix text, buckets text[]) returns jsonb
language sql stable set search_path = '' as $$
    select coalesce(
        jsonb_agg(jsonb_build_object(
            'bucket', o.bucket_id, 'name', o.name, 'size_bytes', coalesce((o.metadata ->> 'size')::bigint, 0),
            'stamp', o.updated_at
        ) order by o.bucket_id, o.name),
        '[]'::jsonb
    )
    from storage.objects o
    where o.name ~>=~ (prefix || '/') and o.name ~<~ (prefix || '0')
    and (
        o.bucket_id = any(buckets)
        or exists (select from public.artifacts a where a.object = o.name and a.bucket = o.bucket_id)
    )
    and not exists (select from public.published_files f where f.object = o.name)
$$;

-- Removes the rows at or below the key whose file is not there; what is there still, as `artifact_files`.
create function public.artifact_forget(prefix text, buckets text[]) returns jsonb
language sql volatile set search_path = '' as $$
    delete from public.artifacts a
    where (a.key = prefix or (a.key >= prefix || '/' and a.key < prefix || '0'))
    and not exists (select from storage.objects o where o.bucket_id = a.bucket and o.name = a.object);
    select public.artifact_files(prefix, buckets)
$$;

-- Files of ours after that name that no row names and nothing shows, for a day: whoever stores one writes the
-- row within it. [{bucket, name, there_bytes}], at most so many, by name. `only_name`, where given, is the one
-- that is asked for.
create function public.artifact_files_amiss(
    buckets text[], after text, most integer, only_name text default null
) returns jsonb language sql stable set search_path = '' as $$
    with unrecorded as materialized ( -- few, and names are costly to look at
        select o.name, o.bucket_id, coalesce((o.metadata ->> 'size')::bigint, 0) as there_bytes
        from storage.objects o
        where o.bucket_id = any(buckets) and o.name ~>~ after
        and (only_name is null or o.name = only_name)
        and greatest(o.created_at, o.updated_at) < clock_timestamp() - interval '24 hours'
        and not exists (select from public.artifacts a where a.object = o.name and a.bucket = o.bucket_id)
        and not exists (select from public.published_files f where f.object = o.name)
    )
    select coalesce(
        jsonb_agg(jsonb_build_object(
            'bucket', found.bucket_id, 'name', found.name, 'there_bytes', found.there_bytes
        ) order by found.name collate "C", found.bucket_id),
        '[]'::jsonb
    )
    from (
        select u.* from unrecorded u
        where public.artifact_is_object(u.name)
        order by u.name collate "C", u.bucket_id
        limit most
    ) as found
$$;

-- Removes rows whose file is not there, of a day ago or older: how many.
create function public.artifact_forget_lost() returns bigint
language sql volatile set search_path = '' as $$
    with lost as (
        delete from public.artifacts a
        where a.created_at < clock_timestamp() - interval '24 hours'
        and not exists (select from storage.objects o where o.bucket_id = a.bucket and o.name = a.object)
        returning 1
    )
    select count(*) from lost
$$;

revoke execute on function
    public.artifact_files, public.artifact_forget, public.artifact_files_amiss, public.artifact_forget_lost
from public, anon, authenticated;
grant execute on function
    public.artifact_files, public.artifact_forget, public.artifact_files_amiss, public.artifact_forget_lost
to service_role;
