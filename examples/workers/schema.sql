create table if not exists orders (slot text primary key, item text not null)
