import { defineScript } from '@floodgate/redis'
import { saleKeys } from '../stock/keys.ts'
import { runStockScript, type StockScripts } from '../stock/stock-redis.ts'
import type { Campaign } from './campaign.ts'

const script = defineScript({
  name: 'project-campaigns',
  file: new URL('./project-campaigns.lua', import.meta.url),
  numberOfKeys: 2,
})

/** Writes campaigns of one sale from Postgres to Redis. Once this resolves with `projected`, claims are judged by them. */
export async function projectCampaigns(
  stockRedis: StockScripts,
  sale: string,
  campaigns: readonly Campaign[],
): Promise<'projected' | 'rebuild'> {
  if (campaigns.length === 0) return 'projected'
  const keys = saleKeys(sale)
  const reply = await runStockScript(stockRedis, script, {
    sale,
    keys: [keys.meta, keys.campaigns],
    args: campaigns.flatMap(({ campaign, version, total, validFrom, validUntil }) => [
      ...[campaign, version],
      [total, validFrom?.getTime() ?? '', validUntil?.getTime() ?? ''].join('|'),
    ]),
  })
  return reply as 'projected' | 'rebuild'
}
