import type { StockChange } from '@floodgate/contracts'

/**
 * Tells whether a page with this version of the stock has missed changes before this one: it then reads the board.
 * Without a version it has nothing but the catalogue, which is as new.
 */
export function missesChanges(version: number | undefined, { after }: Pick<StockChange, 'after'>): boolean {
  return version !== undefined && (after === null || after > version)
}
