/**
 * Returns the Redis keys of one sale's stock. All share the tag `{o:<sale>}`, so that scripts may touch them together
 * on a cluster.
 */
export function saleKeys(sale: string) {
  const key = (name: string) => `oc:{o:${sale}}:${name}`
  return {
    /**
     * hash: `epoch` ("n:run_id" of the rebuild that wrote all this), `version` of the catalogue, `currency`;
     * `followFrom` (ms): orders that changed since then are still to be followed; `partial`: orders that were over when
     * the stock was rebuilt, and units, exist only for the buyers in `loaded`
     */
    meta: key('meta'),
    /** hash: sku → "salePriceMinor|perBuyerLimit|total" */
    items: key('items'),
    /** hash: sku → available units */
    stock: key('stock'),
    /** hash: sku → units held by orders that are not over */
    held: key('held'),
    /** hash: sku → units sold */
    sold: key('sold'),
    /** hash: "sku|buyer" → units this buyer holds or bought */
    units: key('units'),
    /** zset: order → deadline (ms): of the commit while `reserved`, of the hold while `pending` */
    holds: key('holds'),
    /** hash: slot → its one order */
    slots: key('slots'),
    /** zset: slot whose admission was revoked → expiry of the admission (ms): it starts no order */
    barred: key('barred'),
    /**
     * hash: order → released | JSON [buyer, slot, "sku|quantity|priceMinor,…"] of a pending one: orders found in the
     * ledger by the rebuild, or when their buyer was loaded. They have no record of their own, which would take five
     * times as long to write; sold ones, which are most, have not even this: their slot names them, and their buyer's
     * units tell that there may be one.
     */
    ledger: key('ledger'),
    /** set: buyers with complete data; see load-buyers.lua */
    loaded: key('loaded'),
    /** set: ids of the corrections that the counters include; see correct-stock.lua */
    corrected: key('corrected'),
    /** hash: campaign of vouchers → "version|total|from (ms)|until (ms)", a bound that is missing as '' */
    campaigns: key('campaigns'),
    /** hash: "campaign|buyer" → 1, for each voucher that is issued or being issued */
    claims: key('claims'),
    /** hash: campaign → its entries in `claims` */
    claimed: key('claimed'),
    /** zset: "campaign|buyer" that is not committed yet → deadline of its commit (ms) */
    openClaims: key('open-claims'),
    /** string: "newest known epoch:token" of the rebuild that wrote last, or is writing */
    rebuilding: key('rebuilding'),
    /** hash: the record of one order's hold */
    hold: (order: string) => key(`hold:${order}`),
  }
}
