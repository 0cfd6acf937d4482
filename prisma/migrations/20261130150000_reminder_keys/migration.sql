-- The key that recognizes addresses of reminders, sealed with each key of EMAIL_KEY.
create table notices.address_keys (
  kid text primary key,
  sealed text not null,
  created_at timestamptz(3) not null default now()
);
