import {
  chromiumPath,
  findRedisServer,
  installChromium,
  installKafka,
  installRedis,
  kafkaAvailability,
} from '@floodgate/local-servers'
import type { Need } from './parts.ts'

type Recipe = { readonly there: () => Promise<boolean>; readonly install: (progress: Progress) => Promise<void> }
type Progress = { readonly onProgress: (line: string) => void }

const recipes: Record<Need, Recipe> = {
  redis: { there: async () => (await findRedisServer()) !== undefined, install: installRedis },
  kafka: { there: async () => (await kafkaAvailability()).available, install: installKafka },
  chromium: { there: async () => (await chromiumPath()) !== undefined, install: installChromium },
}

/** Installs what is missing where that is possible; answers why not for what can't be had on this machine. */
export async function obtain(
  needs: ReadonlySet<Need>,
  onProgress: (line: string) => void,
): Promise<ReadonlyMap<Need, string>> {
  const missing = new Map<Need, string>()
  for (const need of needs) {
    const recipe = recipes[need]
    if (await recipe.there()) continue
    try {
      await recipe.install({ onProgress })
    } catch (error) {
      missing.set(need, error instanceof Error ? error.message : String(error))
    }
  }
  return missing
}
