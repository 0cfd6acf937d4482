import { bodyOf } from '@floodgate/client'
import { ownRoutes } from '@floodgate/contracts'
import type { AppClients } from './apps.ts'
import type { AppName } from './settings.ts'
import { UsageError } from './usage-error.ts'

/**
 * Asks each app for its name, because behind one host name a path that several apps have leads to one of them. Throws
 * {@link UsageError} when another app responds.
 */
export async function checkOwnAddresses(apps: AppClients): Promise<void> {
  await Promise.all(
    apps.names().map(async function checkAddress(app) {
      const about = await bodyOf(apps.of(app, ownRoutes).about())
      expectApp(app, about.app)
    }),
  )
}

/** Throws {@link UsageError} when another app responded than the one that the URL was given for. */
export function expectApp(app: AppName, responded: string): void {
  if (responded !== app) throw new UsageError(otherAppText(app, responded))
}

/** Returns the sentence for a URL at which another app responds. */
export function otherAppText(app: AppName, responded: string): string {
  return `The ${responded} responds at the URL of the ${app}: this needs each app at its own address.`
}
