/** Loads no buyer: the stock was never rebuilt, or there is no Postgres. */
export async function noLedger(): Promise<never> {
  throw new Error('nobody was to be loaded')
}
