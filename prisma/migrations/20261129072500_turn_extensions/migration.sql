-- How often a buyer may make its turn longer, and how often each open one was.
alter table "rooms"."sales" add column "extensions_max" integer not null default 2;
alter table "rooms"."open_slots" add column "extensions" integer not null default 0;
