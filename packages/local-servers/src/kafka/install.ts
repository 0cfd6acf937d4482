import { access, copyFile, mkdir, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type AptInstallOptions, findProgram, installWithApt, run } from '../apt.ts'
import { MissingServer } from '../errors.ts'

export type KafkaAvailability =
  | { readonly available: true }
  | { readonly available: false; readonly why: string; readonly remedy: string }

type InstallOptions = Pick<AptInstallOptions, 'onProgress' | 'signal'>

const KAFKA_VERSION = '4.3.1'
const JAVA_MAJOR_MIN = 17
/** In order of preference: not every release of Debian and Ubuntu has the first. */
const JAVA_PACKAGES = ['openjdk-17-jre-headless', 'default-jre-headless']
const REPOSITORY = resolve(import.meta.dirname, '../../../..')
const CACHE = join(REPOSITORY, '.cache', `kafka-${KAFKA_VERSION}`)
const LIBRARIES = join(CACHE, 'libs')
const REMEDY = 'Or set KAFKA_BROKERS to a Kafka of yours, or use the Redis bus (--bus redis).'
const JAVA_MS_MAX = 20_000
const FETCH_MS_MAX = 5 * 60_000

/** Checks whether a broker can be started here; if not, why and what would help. Changes nothing. */
export async function kafkaAvailability(): Promise<KafkaAvailability> {
  const missing: string[] = []
  if (!(await hasJava())) missing.push(`Java ${JAVA_MAJOR_MIN} or newer`)
  if (!(await hasLibraries()) && (await findProgram('mvn')) === undefined) missing.push('Maven')
  if (missing.length === 0) return { available: true }
  return {
    available: false,
    why: `Kafka needs ${missing.join(' and ')}.`,
    remedy: `Run: sudo apt-get install -y ${JAVA_PACKAGES[0]} maven. ${REMEDY}`,
  }
}

/**
 * Installs what {@link kafkaAvailability} misses, as root or with `sudo -n`; throws MissingServer where that is
 * impossible.
 */
export async function installKafka(options: InstallOptions = {}): Promise<void> {
  if (!(await hasJava())) await installFirst(JAVA_PACKAGES, options)
  if (!(await hasLibraries()) && (await findProgram('mvn')) === undefined) {
    await installWithApt({ packages: ['maven'], remedy: REMEDY, ...options })
  }
}

/**
 * Returns the broker's class path. Downloads the jars (44 MB) from Maven Central once per version, into the
 * repository's cache.
 */
export async function kafkaClassPath(options: InstallOptions = {}): Promise<string> {
  if (!(await hasLibraries())) await fetchLibraries(options)
  return join(LIBRARIES, '*')
}

async function installFirst(packages: readonly string[], options: InstallOptions): Promise<void> {
  for (const [index, name] of packages.entries()) {
    try {
      return await installWithApt({ packages: [name], remedy: REMEDY, ...options })
    } catch (error) {
      if (!(error instanceof MissingServer) || index === packages.length - 1) throw error
    }
  }
}

async function fetchLibraries(options: InstallOptions): Promise<void> {
  const maven = await findProgram('mvn')
  if (maven === undefined)
    throw new MissingServer(`Maven is not installed. Run: sudo apt-get install -y maven\n${REMEDY}`)
  options.onProgress?.(`fetching Kafka ${KAFKA_VERSION} (44 MB, once) into ${CACHE}`)
  const unfinished = join(CACHE, `unfinished-${process.pid}`)
  await mkdir(unfinished, { recursive: true })
  await copyFile(join(import.meta.dirname, 'pom.xml'), join(unfinished, 'pom.xml'))
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${join(unfinished, 'libs')}`]
  try {
    await run([maven, '-q', '-B', '-f', join(unfinished, 'pom.xml'), ...goal], FETCH_MS_MAX, options.signal)
    // Fails when another run was quicker; its jars are the same.
    await rename(join(unfinished, 'libs'), LIBRARIES).catch(() => undefined)
  } catch (cause) {
    options.signal?.throwIfAborted()
    const said = cause instanceof Error ? cause.message.split('\n').slice(0, 4).join('\n') : String(cause)
    throw new MissingServer(`Kafka's jars could not be fetched from Maven Central. ${REMEDY}\n${said}`, { cause })
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

function hasLibraries(): Promise<boolean> {
  return access(LIBRARIES).then(
    () => true,
    () => false,
  )
}

async function hasJava(): Promise<boolean> {
  const java = await findProgram('java')
  if (java === undefined) return false
  const said = await run([java, '--version'], JAVA_MS_MAX).catch(() => '')
  return javaMajor(said) >= JAVA_MAJOR_MIN
}

/** Returns the major version in the output of `java --version`, 0 when there is none. Pure. */
export function javaMajor(said: string): number {
  return Number(/^\S+ (\d+)/.exec(said)?.[1] ?? 0)
}
