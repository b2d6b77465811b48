-- What a Supabase project has before its first migration, as far as migrations and the services here
-- rely on it. For tests only. Run once for each database; the roles exist once for the whole server.

create schema if not exists extensions;
create schema if not exists auth;
create schema if not exists storage;

grant usage on schema public, extensions, auth, storage to anon, authenticated, service_role;

create or replace function auth.uid() returns uuid language sql stable as $$
    select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
$$::text;
