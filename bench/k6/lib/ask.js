import { check } from 'k6'
import http from 'k6/http'
import { Counter } from 'k6/metrics'

const unanswered = new Counter('unanswered')
const serverErrors = new Counter('server_errors')

// A sold-out is a valid response, not a failure.
http.setResponseCallback(http.expectedStatuses({ min: 200, max: 499 }))

/**
 * Makes one request of a buyer, under a name that the summary groups by. Its status must be one of `expected`: a check
 * of the same name verifies that. Keeps the body only where it is read.
 */
export function ask(method, url, { name, expected, headers = {}, body = null, read = true }) {
  const response = http.request(method, url, body, {
    headers,
    tags: { name },
    responseType: read ? 'text' : 'none',
    redirects: 0,
  })
  if (response.status === 0) unanswered.add(1)
  if (response.status >= 500) {
    serverErrors.add(1)
    console.warn(`${name}: ${response.status} ${response.body ?? ''}`.slice(0, 200))
  }
  check(response, { [name]: ({ status }) => expected.includes(status) })
  return response
}
