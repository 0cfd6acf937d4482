import { DatabaseSync } from 'node:sqlite'

let database

/**
 * Records the order of a turn, and returns what the turn has bought. A slot is one turn, and the primary key: a form that
 * is sent twice, or from two browsers with the same pass, buys once, and each of them gets the first.
 */
export function placeOrder({ slot, item }) {
  database ??= openDatabase()
  return database
    .prepare(
      'insert into orders (slot, item) values (?, ?) on conflict (slot) do update set slot = excluded.slot returning item',
    )
    .get(slot, item).item
}

function openDatabase() {
  const opened = new DatabaseSync('orders.sqlite')
  opened.exec('create table if not exists orders (slot text primary key, item text not null)')
  return opened
}
