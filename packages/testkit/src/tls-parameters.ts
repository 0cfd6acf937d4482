import type { RedisServerTls } from '@floodgate/local-servers'

/** Returns the parameters of a URL of Redis that trust a server and, where it asks for one, show it a certificate. */
export function tlsParameters({ ca, cert, key, asksClients }: RedisServerTls): string {
  return `ca=${ca}${asksClients ? `&cert=${cert}&key=${key}` : ''}`
}
