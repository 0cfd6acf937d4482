-- What the archived log adds up to, kept by the archiver in the transaction that archives: a recovery reads this instead of the
-- whole log. A sale that was archived before these tables existed is added up from its log when it is archived next.
create table rooms.lines (
  sale text primary key,
  reached_ms bigint not null,
  reached_seq bigint not null,
  highest_place bigint not null,
  joined bigint not null,
  admitted bigint not null,
  returned bigint not null
);

create table rooms.open_slots (
  sale text not null,
  slot text not null,
  place bigint not null,
  buyer text not null,
  admitted_ms bigint not null,
  deadline_ms bigint not null,
  kid text not null,
  until_ms bigint not null,
  order_id text,
  order_created_ms bigint,
  primary key (sale, slot)
);

-- One bit a place, 8,192 places a row: 1 for each that was admitted, given up or forfeited.
create table rooms.served (
  sale text not null,
  chunk integer not null,
  bits bit(8192) not null,
  primary key (sale, chunk)
);
