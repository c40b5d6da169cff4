-- Two roles and their database. Superuser work, done before any migration, and safe to repeat.
-- Run by psql: by app.embedded at each start, and by the PostgreSQL container at its first.
\set ON_ERROR_STOP on
\getenv owner_password VERKEERSTOREN_OWNER_PASSWORD
\getenv app_password VERKEERSTOREN_APP_PASSWORD

SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY['verkeerstoren_owner', 'verkeerstoren_app']) AS name
WHERE name NOT IN (SELECT rolname FROM pg_roles) \gexec

-- The owner of the schema runs migrations; the application has what migrations grant it, and no more.
ALTER ROLE verkeerstoren_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
ALTER ROLE verkeerstoren_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'app_password';

SELECT 'CREATE DATABASE verkeerstoren OWNER verkeerstoren_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'verkeerstoren') \gexec

REVOKE ALL ON DATABASE verkeerstoren FROM PUBLIC;
GRANT CONNECT ON DATABASE verkeerstoren TO verkeerstoren_app;
