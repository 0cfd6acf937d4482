-- The shop to which a sale's admitted buyers return.
alter table "rooms"."sales" add column "return_origins" text[] default array[]::text[];
alter table "rooms"."sales" add column "default_return_url" text;
