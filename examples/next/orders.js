import { DatabaseSync } from 'node:sqlite'

let database

/**
 * Records the order of a turn. A slot is one turn, and the primary key: a form that is sent twice, or from two browsers
 * with the same pass, buys once.
 */
export function placeOrder({ slot, item }) {
  database ??= openDatabase()
  database.prepare('insert into orders (slot, item) values (?, ?) on conflict (slot) do nothing').run(slot, item)
}

function openDatabase() {
  const opened = new DatabaseSync('orders.sqlite')
  opened.exec('create table if not exists orders (slot text primary key, item text not null)')
  return opened
}
