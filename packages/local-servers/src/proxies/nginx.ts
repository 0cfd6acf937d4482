import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ProxyServer, startProxy } from './proxy-server.ts'

export interface StartNginxOptions {
  readonly directory: string
  /** The content of the `http` block: servers and their upstreams. */
  readonly site: string
  readonly port: number
}

/** Starts nginx with one site, in the frame of Debian's package, its files in `directory`. */
export async function startNginx({ directory, site, port }: StartNginxOptions): Promise<ProxyServer> {
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, 'site.conf'), site)
  await writeFile(join(directory, 'nginx.conf'), frameOf(directory))
  const args = ['-p', directory, '-c', join(directory, 'nginx.conf'), '-e', 'stderr', '-g', 'daemon off;']
  return await startProxy({ program: 'nginx', args, directory, port })
}

/** Returns Debian's `/etc/nginx/nginx.conf` with our files and ports. Pure except for the user's id. */
function frameOf(directory: string): string {
  const isRoot = process.getuid?.() === 0
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `  ${kind}_temp_path ${join(directory, kind)};`,
  )
  return `${isRoot ? 'user root;\n' : ''}worker_processes 2;
pid ${join(directory, 'nginx.pid')};
events { worker_connections 768; }
http {
  sendfile on;
  tcp_nopush on;
  types_hash_max_size 2048;
  default_type application/octet-stream;
  access_log off;
  gzip on;
${temporary.join('\n')}
  include ${join(directory, 'site.conf')};
}
`
}
