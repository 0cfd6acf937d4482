-- The operators of all apps: their tokens, and what they did. No app's own schema: each reads the tokens, and adds its acts.
create schema operators;

-- Only the SHA-256 of a token is stored, in hex: a token is 256 random bits, so nobody can try them all.
create table operators.tokens (
  id uuid not null,
  name text not null,
  role text not null check (role in ('viewer', 'operator', 'admin')),
  sha256 text not null,
  created_at timestamptz(3) not null default now(),
  created_by text not null,
  expires_at timestamptz(3) not null,
  revoked_at timestamptz(3),
  revoked_by text,
  primary key (id)
);
create unique index tokens_sha256_key on operators.tokens (sha256);
create index tokens_expires_at_idx on operators.tokens (expires_at);

create table operators.audit (
  id bigserial not null,
  -- Made by the process that served the request: a repeated insert adds nothing.
  key uuid not null,
  at timestamptz(3) not null,
  app text not null,
  token_id text not null,
  token_name text not null,
  role text,
  method text not null,
  route text not null,
  target jsonb not null,
  sale text,
  trace_id text not null,
  client text not null,
  status integer not null,
  code text,
  primary key (id)
);
create unique index audit_key_key on operators.audit (key);
create index audit_at_idx on operators.audit (at);
create index audit_sale_id_idx on operators.audit (sale, id);
create index audit_token_id_id_idx on operators.audit (token_id, id);

-- Entries are only added. Retention may delete those that are older than the least time that the setting allows.
create function operators.keep_audit() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and old.at < now() - interval '30 days' then
    return old;
  end if;
  raise exception 'operators.audit only grows: % is rejected', tg_op using errcode = 'restrict_violation';
end
$$;
create trigger keep_audit before update or delete on operators.audit
  for each row execute function operators.keep_audit();
