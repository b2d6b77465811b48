-- How artifacts are removed, by the clean-up when they expire or belong to nobody. What the library shows of a
-- video are artifacts too: they stay as long as it is shown.

-- The files at or below the key, in these buckets and where rows say that they are, but for those that a
-- published video shows: [{bucket, name, size_bytes, stamp}]; another stamp is another file under the name.
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
    where (o.name = prefix or (o.name ~>=~ (prefix || '/') and o.name ~<~ (prefix || '0')))
    and (
        o.bucket_id = any(buckets)
        or exists (select from public.artifacts a where a.key = o.name and a.bucket = o.bucket_id)
    )
    and not exists (select from public.published_files f where f.key = o.name)
$$;

-- Removes the rows at or below the key whose file is not there; what is there still, as `artifact_files`.
create function public.artifact_forget(prefix text, buckets text[]) returns jsonb
language sql volatile set search_path = '' as $$
    delete from public.artifacts a
    where (a.key = prefix or (a.key >= prefix || '/' and a.key < prefix || '0'))
    and not exists (select from storage.objects o where o.bucket_id = a.bucket and o.name = a.key);
    select public.artifact_files(prefix, buckets)
$$;

revoke execute on function public.artifact_files, public.artifact_forget from public, anon, authenticated;
grant execute on function public.artifact_files, public.artifact_forget to service_role;
