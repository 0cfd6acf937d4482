/**
 * Records the order of a turn, and returns what the turn has bought. A slot is one turn, and the primary key: a form that
 * is sent twice, or from two browsers with the same pass, buys once, and each of them gets the first.
 */
export async function placeOrder(database, { slot, item }) {
  return await database
    .prepare(
      'insert into orders (slot, item) values (?, ?) on conflict (slot) do update set slot = excluded.slot returning item',
    )
    .bind(slot, item)
    .first('item')
}
