-- Ids of the videos of which a page is shown: the manifest is written last, so it stands for the whole.
create function public.library_shown(bucket text) returns jsonb
language sql stable set search_path = '' as $$
    select coalesce(jsonb_agg(distinct split_part(o.name, '/', 2)), '[]'::jsonb)
    from storage.objects o
    where o.bucket_id = library_shown.bucket
    and o.name ~>=~ 'published/' and o.name ~<~ 'published0' -- '0' follows '/'
    and o.name ~ '^published/[^/]+/manifest[.]json$'
$$;

revoke execute on function public.library_shown from public, anon, authenticated;
grant execute on function public.library_shown to service_role;
