/** Loads no buyer: the stock was never rebuilt, or there is no Postgres. */
export const noLedger = async (): Promise<never> => {
  throw new Error('nobody was to be loaded')
}
