#!lua flags=allow-oom
-- Marks these holds as committed: `reserved` becomes `pending`. In any other state nothing changes.
--
-- KEYS  1 meta  2 holds  3 ledger  4… per order: its hold   (see keys.ts)
-- ARGV  1 run_id the connection talks to   2… per order: order, deadline of the hold (ms)   (at most 256 orders)
-- Returns { per order: marked · unchanged · unknown }, or rebuild
--- @include "./epoch.inc.lua"
local outcomes = {}
for i = 4, #KEYS do
  local order, deadline = ARGV[2 * i - 6], ARGV[2 * i - 5]
  local state, heldIn = unpack(redis.call('HMGET', KEYS[i], 'state', 'epoch'))
  if not state or heldIn ~= epoch then
    -- A rebuild read it as committed, or as ended.
    outcomes[i - 3] = redis.call('HEXISTS', KEYS[3], order) == 1 and 'unchanged' or 'unknown'
  elseif state ~= 'reserved' then
    outcomes[i - 3] = 'unchanged'
  else
    redis.call('ZADD', KEYS[2], deadline, order)
    redis.call('HSET', KEYS[i], 'state', 'pending')
    -- The row in Postgres has them from here on.
    if redis.call('HDEL', KEYS[i], 'draft', 'attempt') < 2 then
      -- Taken by a process of an older version, which wrote its draft in fields.
      redis.call('HDEL', KEYS[i], 'method', 'email', 'trace')
    end
    outcomes[i - 3] = 'marked'
  end
end
return outcomes
