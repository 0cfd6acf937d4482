import { type Finding, failed, failedConnection, type RedisTarget } from '@floodgate/runtime'
import { ReplicaFound } from '../masters/connector.ts'
import { TopologyUnknown } from '../masters/topology-unknown.ts'
import { replyErrorCode } from '../unavailable.ts'

const SETTING = 'REDIS_URL'

/** Error replies at connecting to a server, by their first word. */
const REJECTIONS: Readonly<Record<string, Finding>> = {
  WRONGPASS: failed(
    'the server rejected the user or password',
    `Correct it in ${SETTING}; in a URL, % is written %25 and @ is written %40.`,
  ),
  NOAUTH: failed('the server requires a password', `Add it to ${SETTING}, as redis://:password@host:port.`),
  NOPERM: failed('this user may not run the commands of Floodgate', 'Give it +@all on all keys and channels.'),
  LOADING: failed('the server still loads its data', 'Try again when it runs.'),
}

const SENTINEL_REJECTIONS: Readonly<Record<string, Finding>> = {
  WRONGPASS: failed('the Sentinel rejected the user or password', `Correct sentinelPassword in ${SETTING}.`),
  NOAUTH: failed('the Sentinel requires a password', `Add it to ${SETTING} as the parameter sentinelPassword.`),
  NOPERM: failed('this user may not ask the Sentinel', 'Give sentinelUser the right +sentinel|master.'),
}

/** Error replies of a server that is not what the URL says, by a part of their text. */
const MISTAKEN: readonly (readonly [part: string, finding: (target: RedisTarget) => Finding])[] = [
  [
    'No such master with that name',
    ({ sentinel }) =>
      failed(
        `the Sentinels watch no master ${JSON.stringify(sentinel?.name)}`,
        `Correct the path of ${SETTING}: the name after "sentinel monitor".`,
      ),
  ],
  [
    "unknown command 'SENTINEL'",
    () => failed('the server is no Sentinel', `Name the Sentinels in ${SETTING}, or begin it with redis://.`),
  ],
  [
    'cluster support disabled',
    () => failed('the server is no node of a Redis Cluster', `Begin ${SETTING} with redis:// or redis+sentinel://.`),
  ],
]

/** Explains why a connection to a server failed. */
export function explainServer(error: unknown, target: RedisTarget): Finding {
  if (error instanceof ReplicaFound) return failed(error.message, `Name the primary in ${SETTING}.`)
  return REJECTIONS[replyErrorCode(error) ?? ''] ?? explainConnection(error, target)
}

/** Explains why no master is known: by the first server that replied, else by the first one of those asked. */
export function explainTopology(error: unknown, target: RedisTarget): Finding {
  if (!(error instanceof TopologyUnknown)) return explainConnection(error, target)
  const reason = error.errors.find((each) => replyErrorCode(each) !== undefined) ?? error.errors[0]
  const text = reason instanceof Error ? reason.message : ''
  const mistaken = MISTAKEN.find(([part]) => text.includes(part))
  if (mistaken !== undefined) return mistaken[1](target)
  const rejections = target.kind === 'sentinel' ? SENTINEL_REJECTIONS : REJECTIONS
  return rejections[replyErrorCode(reason) ?? ''] ?? explainConnection(reason, target)
}

/** A server without TLS waits for the rest of what it takes for a command, and no reply comes. */
function explainConnection(error: unknown, target: RedisTarget): Finding {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  const isSilent = code === 'ETIMEDOUT' || (error instanceof Error && error.name === 'TimeoutError')
  if (!isSilent) return failedConnection(error, SETTING)
  return failed(
    `no response${target.tls === undefined ? '' : ' to the TLS handshake'}: the server hangs, a firewall drops the packets${target.tls === undefined ? '' : ', or the port has no TLS'}`,
    `Compare host, port and TLS mode of ${SETTING} with the server.`,
  )
}
