import { simulatedCharges } from '@floodgate/contracts'

/** Returns the number of charges at the payment simulator. */
export async function countCharges(url: string): Promise<number> {
  const response = await fetch(`${url}/charges`)
  return simulatedCharges.parse(await response.json()).charges.length
}
