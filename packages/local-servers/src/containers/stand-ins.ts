import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findProgram } from '../apt.ts'
import { MissingServer } from '../errors.ts'
import { kafkaClassPath } from '../kafka/install.ts'
import { nativePackage } from '../postgres/place.ts'
import type { ContainerEngine } from './engine.ts'
import { createRootFileSystem } from './root-file-system.ts'

const SCRIPTS = join(import.meta.dirname, 'stand-ins')
const TOOLS = ['cat', 'chown', 'env', 'grep', 'mkdir', 'setpriv', 'tr']

/**
 * Makes an image under the name of each server image of docker-compose.yml, from the servers of this machine: with the
 * same users, volumes, variables and health checks, but not the same versions. `directory` receives their files
 * meanwhile. Throws MissingServer.
 */
export async function makeServerImages(engine: ContainerEngine, directory: string): Promise<void> {
  await Promise.all([
    makePostgresImage(engine, join(directory, 'postgres')),
    makeRedisImage(engine, join(directory, 'redis')),
    makeKafkaImage(engine, join(directory, 'kafka')),
  ])
}

async function makePostgresImage(engine: ContainerEngine, root: string): Promise<void> {
  const files = await createRootFileSystem(root, { name: 'postgres', id: 999 })
  await files.addPrograms(TOOLS)
  await files.add(nativePackage().root, 'usr/local/postgres', ['bin/postgres', 'bin/initdb', 'bin/pg_ctl'])
  await files.add(join(SCRIPTS, 'postgres.sh'), 'usr/bin/entrypoint', [])
  await files.add(join(SCRIPTS, 'pg_isready.sh'), 'usr/bin/pg_isready', [])
  await files.addDirectory('var/lib/postgresql')
  await files.toImage(engine, 'docker.io/library/postgres:18', [
    'ENV PATH=/usr/local/postgres/bin:/usr/bin',
    'ENTRYPOINT ["/usr/bin/entrypoint"]',
    'VOLUME /var/lib/postgresql',
    'STOPSIGNAL SIGINT',
  ])
}

async function makeRedisImage(engine: ContainerEngine, root: string): Promise<void> {
  const files = await createRootFileSystem(root, { name: 'redis', id: 999 })
  await files.addPrograms([...TOOLS, 'redis-server', 'redis-cli'])
  await files.add(join(SCRIPTS, 'redis.sh'), 'usr/bin/entrypoint', [])
  await files.addDirectory('data')
  await files.toImage(engine, 'docker.io/library/redis:8', [
    'ENV PATH=/usr/bin',
    'ENTRYPOINT ["/usr/bin/entrypoint"]',
    'VOLUME /data',
    'WORKDIR /data',
  ])
}

async function makeKafkaImage(engine: ContainerEngine, root: string): Promise<void> {
  const java = await findProgram('java')
  if (java === undefined) throw new MissingServer('Java is not installed.')
  const home = dirname(dirname(await realpath(java)))
  const libraries = dirname(await kafkaClassPath())
  const files = await createRootFileSystem(root, { name: 'appuser', id: 1000 })
  await files.addPrograms(TOOLS)
  await files.add(join(home, 'bin/java'), 'opt/java/bin/java')
  await files.add(join(home, 'lib'), 'opt/java/lib', ['server/libjvm.so', 'libnet.so', 'libnio.so'])
  await files.add(join(home, 'conf'), 'opt/java/conf', [])
  await files.add(libraries, 'opt/kafka/libs', [])
  await files.add(join(import.meta.dirname, '../kafka/log4j2.yaml'), 'opt/kafka/log4j2.yaml', [])
  await files.add(join(SCRIPTS, 'kafka.sh'), 'usr/bin/entrypoint', [])
  const check = 'kafka-broker-api-versions.sh'
  await files.add(join(SCRIPTS, check), `opt/kafka/bin/${check}`, [])
  await files.addDirectory('var/lib/kafka/data')
  await files.toImage(engine, 'docker.io/apache/kafka:4.1.0', [
    'ENV PATH=/opt/java/bin:/usr/bin',
    'ENTRYPOINT ["/usr/bin/entrypoint"]',
    'VOLUME /var/lib/kafka/data',
    'USER 1000:1000',
  ])
}
