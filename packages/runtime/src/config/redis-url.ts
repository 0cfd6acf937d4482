import { urlProblem } from './url-rules.ts'

/** Address of a server. */
export interface HostAndPort {
  readonly host: string
  readonly port: number
}

/** Paths of PEM files, and how the names in certificates are checked. */
export interface RedisTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** Expected in the certificates of all servers, instead of the host to which a connection is made. */
  readonly serverName?: string
  /** False: a certificate of the authority may carry any name. */
  readonly checksName: boolean
}

interface Credentials {
  readonly username?: string
  readonly password?: string
}

/** Where Redis is and how to connect to it, as a URL says it. */
export interface RedisTarget extends Credentials {
  /** `server`: one address; `sentinel`: Sentinels that name the master; `cluster`: some nodes of a Redis Cluster. */
  readonly kind: 'server' | 'sentinel' | 'cluster'
  readonly addresses: readonly HostAndPort[]
  readonly database: number
  readonly tls?: RedisTls
  /** Name of the master among those that the Sentinels watch, and the Sentinels' own credentials. */
  readonly sentinel?: Credentials & { readonly name: string }
}

const KINDS = { '': 'server', '+sentinel': 'sentinel', '+cluster': 'cluster' } as const
const DEFAULT_PORTS = { server: 6379, sentinel: 26_379, cluster: 6379 }
const TLS_PARAMETERS = ['ca', 'cert', 'key', 'serverName', 'checkName']
const SENTINEL_PARAMETERS = ['db', 'sentinelUser', 'sentinelPassword']
const PARTS = /^(redis|rediss)(\+sentinel|\+cluster)?:\/\/((?:[^@/?#]*@)?)([^@/?#]*)((?:\/[^?#]*)?)((?:\?[^#]*)?)$/i
const DATABASE_MAX = 1_000_000

interface Parts {
  readonly kind: RedisTarget['kind']
  readonly isEncrypted: boolean
  readonly credentials: string
  readonly hosts: readonly string[]
  readonly path: string
  readonly parameters: URLSearchParams
}

function partsOf(value: string): Parts | undefined {
  const [, scheme = '', suffix = '', credentials = '', hosts = '', path = '', query = ''] = PARTS.exec(value) ?? []
  if (scheme === '') return undefined
  return {
    kind: KINDS[suffix.toLowerCase() as keyof typeof KINDS],
    isEncrypted: scheme.toLowerCase() === 'rediss',
    credentials,
    hosts: hosts.split(','),
    path: path.slice(1),
    // A + is a + here, as in the rest of a URL: only forms write a space so, and passwords contain one.
    parameters: new URLSearchParams(query.replaceAll('+', '%2B')),
  }
}

/** Returns why no client can use this URL of Redis, without anything of the URL; undefined for a usable one. Pure. */
export function redisUrlProblem(value: string): string | undefined {
  const parts = partsOf(value)
  if (parts === undefined)
    return 'must be a URL that begins with redis:// or rediss:// redis+sentinel:// or redis+cluster://'
  return hostProblem(parts) ?? pathProblem(parts) ?? parameterProblem(parts)
}

function hostProblem({ kind, credentials, hosts }: Parts): string | undefined {
  if (kind === 'server' && hosts.length > 1)
    return 'must name one host: several are for redis+sentinel or redis+cluster'
  const rules = { schemes: ['redis'], mayHaveCredentials: true }
  return hosts
    .map((host) => urlProblem(`redis://${credentials}${host}`, rules))
    .find((problem) => problem !== undefined)
}

function pathProblem({ kind, path, parameters }: Parts): string | undefined {
  if (kind === 'server') return isDatabase(path) ? undefined : 'must have the number of a database as its path, or none'
  if (kind === 'cluster') return path === '' ? undefined : 'must have no path: a Redis Cluster has one database'
  if (!/^[\w.-]+$/.test(path)) return 'must have the name of the master as its path'
  if (!isDatabase(parameters.get('db') ?? '')) return 'must have a number as parameter db'
  return undefined
}

const isDatabase = (text: string): boolean => /^\d*$/.test(text) && Number(text) <= DATABASE_MAX

function parameterProblem({ kind, isEncrypted, parameters }: Parts): string | undefined {
  const known = [...TLS_PARAMETERS, ...(kind === 'sentinel' ? SENTINEL_PARAMETERS : [])]
  const names = [...parameters.keys()]
  if (names.some((name) => !known.includes(name)) || new Set(names).size < names.length)
    return `may have the parameters ${known.join(', ')}, each once`
  const has = (name: string): boolean => (parameters.get(name) ?? '') !== ''
  if (names.some((name) => !has(name))) return 'must not have a parameter without a value'
  if (!isEncrypted && names.some((name) => TLS_PARAMETERS.includes(name)))
    return `must begin with rediss for the parameters ${TLS_PARAMETERS.join(', ')}`
  if (has('cert') !== has('key')) return 'must have both of the parameters cert and key, or neither'
  if (has('checkName') && parameters.get('checkName') !== 'no') return 'may have the parameter checkName only as no'
  if (has('checkName') && has('serverName')) return 'must not have both of the parameters serverName and checkName'
  if (has('sentinelUser') && !has('sentinelPassword')) return 'must have sentinelPassword beside sentinelUser'
  return undefined
}

/** Reads a URL of Redis. Throws TypeError with the problem of {@link redisUrlProblem}. Pure. */
export function parseRedisUrl(value: string): RedisTarget {
  const parts = partsOf(value.trim())
  const problem = redisUrlProblem(value.trim())
  if (parts === undefined || problem !== undefined) throw new TypeError(`The URL of Redis ${problem}.`)
  const { kind, hosts, path, parameters } = parts
  return {
    kind,
    addresses: hosts.map((host) => addressOf(host, DEFAULT_PORTS[kind])),
    ...credentialsOf(parts.credentials),
    database: Number((kind === 'server' ? path : parameters.get('db')) ?? 0),
    ...(parts.isEncrypted ? { tls: tlsOf(parameters) } : {}),
    ...(kind === 'sentinel' ? { sentinel: { name: path, ...sentinelCredentials(parameters) } } : {}),
  }
}

function addressOf(host: string, defaultPort: number): HostAndPort {
  const { hostname, port } = new URL(`redis://${host}`)
  return { host: decodeURIComponent(hostname).replace(/^\[|\]$/g, ''), port: Number(port || defaultPort) }
}

function credentialsOf(text: string): Credentials {
  const { username, password } = new URL(`redis://${text}host`)
  return {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
  }
}

function sentinelCredentials(parameters: URLSearchParams): Credentials {
  const [username, password] = [parameters.get('sentinelUser'), parameters.get('sentinelPassword')]
  return { ...(username === null ? {} : { username }), ...(password === null ? {} : { password }) }
}

function tlsOf(parameters: URLSearchParams): RedisTls {
  const names = ['ca', 'cert', 'key', 'serverName'] as const
  const given = names.flatMap((name) => (parameters.has(name) ? [[name, String(parameters.get(name))]] : []))
  return { ...Object.fromEntries(given), checksName: parameters.get('checkName') !== 'no' }
}
