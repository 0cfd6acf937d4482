import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ProxyServer, startProxy } from './proxy-server.ts'

export interface StartHaproxyOptions {
  readonly directory: string
  readonly configuration: string
  readonly port: number
}

/** Starts HAProxy with a complete configuration, in the foreground. */
export async function startHaproxy({ directory, configuration, port }: StartHaproxyOptions): Promise<ProxyServer> {
  await mkdir(directory, { recursive: true })
  const file = join(directory, 'haproxy.cfg')
  await writeFile(file, configuration)
  return await startProxy({ program: 'haproxy', args: ['-db', '-f', file], directory, port })
}
