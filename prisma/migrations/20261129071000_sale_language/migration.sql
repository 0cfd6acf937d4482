-- In which language a sale addresses its buyers; null: by each buyer's Accept-Language.
alter table "rooms"."sales" add column "language" text;
