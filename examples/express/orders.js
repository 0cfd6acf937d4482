import { DatabaseSync } from 'node:sqlite'

const database = new DatabaseSync('orders.sqlite')
database.exec('create table if not exists orders (slot text primary key, item text not null)')
const insert = database.prepare('insert into orders (slot, item) values (?, ?) on conflict (slot) do nothing')

/**
 * Records the order of a turn. A slot is one turn, and the primary key: a form that is sent twice, or from two browsers
 * with the same pass, buys once.
 */
export function placeOrder({ slot, item }) {
  insert.run(slot, item)
}
