-- The roles of a Supabase project, once for each server. For tests only.

create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
create role supabase_storage_admin login noinherit;
grant anon, authenticated, service_role to authenticator, supabase_storage_admin;
