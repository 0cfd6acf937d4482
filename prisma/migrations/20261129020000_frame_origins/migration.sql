-- Origins whose pages may show the sale's page in a frame.
alter table "rooms"."sales" add column "frame_origins" text[] default array[]::text[];
