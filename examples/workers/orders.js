/**
 * Records the order of a turn. A slot is one turn, and the primary key: a form that is sent twice, or from two browsers
 * with the same pass, buys once.
 */
export async function placeOrder(database, { slot, item }) {
  await database
    .prepare('insert into orders (slot, item) values (?, ?) on conflict (slot) do nothing')
    .bind(slot, item)
    .run()
}
