import type { System } from '../system/types.ts'
import type { DemoSale } from './demo-sale.ts'

/** Describes what runs where, once everything is up. */
export function summary(system: System, demo: DemoSale | undefined, options: { readonly lan: boolean }): string {
  const { urls } = system
  const inner = urls.waitingRoom
  const { operations } = urls
  const otherPorts = [operations.orderCore, operations.paymentWorker, operations.notifier].map(
    (url) => new URL(url).port,
  )
  const lines: (readonly [string, string])[] = [
    ['buyer page', demo === undefined ? '(no demo sale: an app was left out)' : `${inner}/sales/${demo.id}`],
    ['console', urls.console],
    ['API docs', `${operations.waitingRoom}/docs   ${operations.orderCore}/docs`],
    ['metrics', `${operations.waitingRoom}/metrics, also on ${otherPorts.join(', ')} (for Prometheus)`],
    ['mail', urls.mail.startsWith('http') ? `${urls.mail}/messages` : urls.mail],
    ['payments', `${urls.paymentSimulator}/charges`],
    ['data', `${system.dataDir} (logs in ${system.dataDir}/logs)`],
    ['forget it', 'npm start -- --reset'],
  ]
  const heading = options.lan ? 'Floodgate is running, for everybody on this network.' : 'Floodgate is running.'
  const body = lines.map(([name, value]) => `  ${name.padEnd(12)}${value}`)
  return ['', heading, '', ...body, '', '  k kills a random app, Ctrl-C stops everything', ''].join('\n')
}
