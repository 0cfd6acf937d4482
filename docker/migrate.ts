// The `migrate` service of docker-compose.yml: brings the database up to the migrations of this image, then ends.
import { migrate } from '@floodgate/database'

const url = process.env.DATABASE_URL
if (url === undefined) {
  process.stderr.write('DATABASE_URL is not set.\n')
  process.exit(78)
}
await migrate(url, { onProgress: (line) => process.stdout.write(`${line}\n`) })
