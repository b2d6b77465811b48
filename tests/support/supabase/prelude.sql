-- What a Supabase project has before its first migration, as far as migrations and the services
-- of these tests rely on it. For tests only, once for each database, as superuser.

create schema extensions;
create schema auth;
create schema storage;
grant usage on schema public, extensions, auth, storage to anon, authenticated, service_role;

create function auth.jwt() returns jsonb language sql stable as $$
    select coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb
$$;
create function auth.uid() returns uuid language sql stable as $$
    select (auth.jwt() ->> 'sub')::uuid
$$;
create function auth.role() returns text language sql stable as $$
    select auth.jwt() ->> 'role'
$$;

-- Storage keeps these two, and its own server reads and writes them; migrations may read them.
create table storage.buckets (
    id text primary key,
    name text not null unique,
    owner uuid,
    owner_id text,
    public boolean default false,
    file_size_limit bigint,
    allowed_mime_types text[],
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
create table storage.objects (
    id uuid primary key default gen_random_uuid(),
    bucket_id text references storage.buckets (id),
    name text,
    owner uuid,
    owner_id text,
    metadata jsonb,
    user_metadata jsonb,
    path_tokens text[] generated always as (string_to_array(name, '/')) stored,
    version text,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    last_accessed_at timestamptz default now(),
    unique (bucket_id, name)
);
alter table storage.buckets enable row level security;
alter table storage.objects enable row level security;
grant all on storage.buckets, storage.objects to anon, authenticated, service_role;


-- The storage of these tests writes metadata as a JSON string that holds JSON; hosted storage an object.
create function storage.metadata_is_an_object() returns trigger language plpgsql as $$
begin
    if jsonb_typeof(new.metadata) = 'string' then
        new.metadata := (new.metadata #>> '{}')::jsonb;
    end if;
    return new;
end
$$;
create trigger metadata_is_an_object before insert or update on storage.objects
    for each row execute function storage.metadata_is_an_object();

-- Storage works as the owner of its schema. The server of these tests, when it finds row level security,
-- grants all of every schema to everybody: in public it must own nothing that it could grant, and hold just
-- enough that this ends in a warning and not in an error.
alter schema auth owner to supabase_storage_admin;
alter function auth.jwt() owner to supabase_storage_admin;
alter function auth.uid() owner to supabase_storage_admin;
alter function auth.role() owner to supabase_storage_admin;
alter schema storage owner to supabase_storage_admin;
alter table storage.buckets owner to supabase_storage_admin;
alter table storage.objects owner to supabase_storage_admin;
do $$
begin
    execute format('grant create on database %I to supabase_storage_admin', current_database());
end
$$;
grant create on schema public to supabase_storage_admin;
alter default privileges in schema public grant references on tables to supabase_storage_admin;
alter default privileges in schema public grant usage on sequences to supabase_storage_admin;

create publication supabase_realtime;

-- Projects from before October 2026 open whatever is new in public to everybody: migrations must close it.
alter default privileges in schema public grant all on tables to anon, authenticated;
alter default privileges in schema public grant all on sequences to anon, authenticated;
alter default privileges in schema public grant all on functions to anon, authenticated;

-- PostgREST learns of new tables and functions by itself, as on a hosted project.
create function extensions.pgrst_ddl_watch() returns event_trigger language plpgsql as $$
begin
    if exists (select from pg_event_trigger_ddl_commands() where schema_name = 'public') then
        notify pgrst, 'reload schema';
    end if;
end
$$;
create function extensions.pgrst_drop_watch() returns event_trigger language plpgsql as $$
begin
    if exists (select from pg_event_trigger_dropped_objects() where schema_name = 'public') then
        notify pgrst, 'reload schema';
    end if;
end
$$;
create event trigger pgrst_ddl_watch on ddl_command_end execute function extensions.pgrst_ddl_watch();
create event trigger pgrst_drop_watch on sql_drop execute function extensions.pgrst_drop_watch();
