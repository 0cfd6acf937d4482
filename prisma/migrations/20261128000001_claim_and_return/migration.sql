-- How long an admitted buyer has to show up, and how long an absent one may come back.
alter table "rooms"."sales" add column "claim_seconds" integer not null default 60;
alter table "rooms"."sales" add column "return_seconds" integer not null default 600;
