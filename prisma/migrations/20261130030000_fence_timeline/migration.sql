-- The timeline of Postgres on which a sale's stock was last written to Redis. A promotion begins another one.
alter table "orders"."fences" add column "timeline" integer;
