import { readFile } from 'node:fs/promises'
import type { System } from '@floodgate/dev/system'
import type { Certificate } from '@floodgate/local-servers'

const DEPLOY = new URL('../../../docs/deploy/', import.meta.url)

export interface Place {
  readonly system: System
  /** The proxy's port, instead of 443. */
  readonly port: number
  readonly certificate: Certificate
}

/** The ports of `npm start`, app by app and process by process, as in the documented configurations. */
const DOCUMENTED = {
  'waiting-room': [7100, 7110],
  'order-core': [7200],
  'payment-worker': [7300],
  notifier: [7400],
} as const
const OPERATIONS_OFFSET = 1_000

/**
 * Fills a configuration of docs/deploy with the ports and the certificate of this machine. Changes nothing else, as
 * docs/deploy/proxies.md promises; a missing placeholder is an error.
 */
export async function fillIn(name: string, { system, port, certificate }: Place): Promise<string> {
  const text = await readFile(new URL(name, DEPLOY), 'utf8')
  const isNginx = name.startsWith('nginx/')
  const files: readonly [string, string][] = isNginx
    ? [
        ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
        ['/etc/ssl/floodgate/fullchain.pem', certificate.certificateFile],
        ['/etc/ssl/floodgate/privkey.pem', certificate.keyFile],
      ]
    : [
        ['bind :443', `bind 127.0.0.1:${port}`],
        ['/etc/haproxy/floodgate.pem', certificate.bothFile],
      ]
  return [...files, ...portsOf(system)].reduce((filled, [from, to]) => filled.replaceAll(from, to), demand(text, files))
}

function demand(text: string, changes: readonly (readonly [string, string])[]): string {
  for (const [from] of changes) if (!text.includes(from)) throw new Error(`The configuration has no “${from}”.`)
  return text
}

function portsOf({ ports }: System): readonly [string, string][] {
  const apps = Object.entries(DOCUMENTED) as [keyof typeof DOCUMENTED, readonly number[]][]
  return apps.flatMap(([app, documented]) =>
    documented.flatMap((each, replica): [string, string][] => [
      [`127.0.0.1:${each}`, `127.0.0.1:${ports.apps[app][replica]}`],
      [`check port ${each + OPERATIONS_OFFSET}`, `check port ${ports.operations[app][replica]}`],
    ]),
  )
}
